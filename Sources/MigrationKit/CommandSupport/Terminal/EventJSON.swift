/// An event as one line of JSON, for programs that watch a run.
enum EventJSON {
    /// One flat object: which keys are there depends on `event`.
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
        var code: String?
        var next: String?
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

    /// - Parameter progress: For work that has advanced, what was gathered from the events before this one.
    static func line(_ event: MigrationEvent, _ progress: ProgressLine? = nil) -> String {
        let line =
            switch event {
            case .started(let name, let total): Line(event: "started", name: name.redacted, total: total)
            case .advanced(let name, let bytes, let detail):
                Line(
                    event: "advanced", name: name.redacted, bytes: bytes, total: progress?.knownTotal,
                    rate: progress?.rate, eta: progress?.secondsLeft, detail: detail?.redacted)
            case .finished(let name, let summary):
                Line(event: "finished", name: name.redacted, text: summary.redacted)
            case .failed(let name, let error):
                Line(
                    event: "failed", name: name.redacted, text: error.message.redacted, code: error.code.rawValue,
                    next: error.next?.redacted)
            case .notice(let text): Line(event: "notice", text: text.redacted)
            case .warning(let text): Line(event: "warning", text: text.redacted)
            }
        return (try? JSONText.encode(line, pretty: false)) ?? "{}"
    }

    static func line(_ secret: OperatorSecret) -> String {
        let line = Line(event: "secret", name: secret.what, text: secret.text.revealed)
        return (try? JSONText.encode(line, pretty: false)) ?? "{}"
    }
}
