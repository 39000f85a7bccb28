/// An event as one line of JSON, for programs that watch a run.
enum EventJSON {
    /// One object: which keys are there depends on `event`. What is told of a notice's own is in `values`.
    private struct Line: Encodable {
        var event: String
        var time = JSONText.timestamp()
        var name: String?
        var bytes: Int64?
        var total: Int64?
        var rate: Int64?
        var eta: Int?
        var detail: String?
        var text: String?
        var seconds: Double?
        var code: String?
        var next: String?
        var values: [String: JSONValue]?
        var format: Int?
        var program: String?
        var version: String?
    }

    /// Version of the lines. It changes when what a program reads of them would mean something else.
    static let format = 1

    /// The first line of a run: whose lines they are.
    static func beginning(of program: String) -> String {
        let line = Line(event: "begin", format: format, program: program, version: MigrationKitVersion.current)
        return (try? JSONText.encode(line, pretty: false)) ?? "{}"
    }

    /// - Parameter progress: For work that has advanced or is done, what was gathered from the events before this one.
    static func line(_ event: MigrationEvent, _ progress: ProgressLine? = nil) -> String {
        let line =
            switch event {
            case .started(let name, let total): Line(event: "started", name: name.redacted, total: total)
            case .advanced(let name, let bytes, let detail):
                Line(
                    event: "advanced", name: name.redacted, bytes: bytes, total: progress?.knownTotal,
                    rate: progress?.rate, eta: progress?.secondsLeft, detail: detail?.redacted)
            case .finished(let name, let summary):
                Line(
                    event: "finished", name: name.redacted, bytes: progress.flatMap { $0.bytes > 0 ? $0.bytes : nil },
                    text: summary.redacted, seconds: progress?.seconds)
            case .failed(let name, let error):
                Line(
                    event: "failed", name: name.redacted, text: error.message.redacted, code: error.code.rawValue,
                    next: error.next?.redacted)
            case .notice(let notice): Self.told("notice", notice)
            case .warning(let notice): Self.told("warning", notice)
            }
        return (try? JSONText.encode(line, pretty: false)) ?? "{}"
    }

    private static func told(_ event: String, _ notice: MigrationNotice) -> Line {
        Line(
            event: event, text: notice.text.redacted, code: notice.code, values: notice.values.mapValues(\.redacted))
    }

    static func line(_ secret: OperatorSecret) -> String {
        let line = Line(event: "secret", name: secret.what, text: secret.text.revealed)
        return (try? JSONText.encode(line, pretty: false)) ?? "{}"
    }
}
