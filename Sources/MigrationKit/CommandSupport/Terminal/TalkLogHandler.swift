import Logging

/// Shows what is logged on standard error, as all that is said.
struct TalkLogHandler: LogHandler {
    let label: String
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        let text = ["\(label): \(event.message)"] + all.map { "\($0.key)=\($0.value)" }
        for line in text.joined(separator: " ").split(whereSeparator: \.isNewline) {
            Talk.say("\(event.level): \(String(line).printable)")
        }
    }
}
