internal import Subprocess

/// What a program wrote to standard error: its last lines and its first error. The rest is forgotten, however much it is.
enum LastLines {
    struct Excerpt: Sendable {
        var last: [String] = []
        var firstError: [String] = []
        var sqlState: String?
    }

    private static let count = 20
    private static let lineLength = 2000

    static func read(_ stream: SubprocessOutputSequence) async throws -> Excerpt {
        var excerpt = Excerpt()
        var line: [UInt8] = []
        var isInReport = false
        func end() {
            defer { line = [] }
            if line.last == .carriageReturn { line.removeLast() }
            guard !line.isEmpty else { return }
            var text = String(decoding: line, as: UTF8.self).printable
            let report = ServerReport(text)
            if let report { text = report.text } else if isInReport, ServerReport.isForDevelopers(text) { return }
            isInReport = report != nil || (isInReport && !text.hasPrefix("psql:"))
            excerpt.last.append(text)
            if excerpt.last.count > count { excerpt.last.removeFirst() }
            let isError = report?.isError ?? (text.contains("ERROR:") || text.contains("FATAL:"))
            if isError, excerpt.firstError.isEmpty { excerpt.sqlState = report?.sqlState }
            if isError || !excerpt.firstError.isEmpty, excerpt.firstError.count < count {
                excerpt.firstError.append(text)
            }
        }
        for try await buffer in stream {
            buffer.withUnsafeBytes { bytes in
                for byte in bytes {
                    if byte == .lineFeed { end() } else if line.count < lineLength { line.append(byte) }
                }
            }
        }
        end()
        return Excerpt(
            last: excerpt.last.redacted, firstError: excerpt.firstError.redacted, sqlState: excerpt.sqlState)
    }
}
