/// How far a piece of work is at a moment, and what is told of it.
package struct ProgressLine: Sendable, Hashable {
    var name: String
    /// Bytes that have passed.
    package var bytes: Int64
    var total: Int64?
    /// Bytes a second of late.
    package var rate: Int64?
    /// How long it has taken, or took.
    var elapsed = Duration.zero
    /// How long nothing has come.
    var silence = Duration.zero
    var detail: String?

    /// Longer silence is told.
    private static let patience = Duration.seconds(5)
    /// A time that is further away is no prediction.
    private static let foreseeable = 100.0 * 24 * 3600

    /// The total, unless it has shown itself to be wrong: that of a dump in the making is an estimate.
    package var knownTotal: Int64? { total.flatMap { $0 > 0 && bytes <= $0 ? $0 : nil } }

    /// Seconds since it began, to the millisecond.
    package var seconds: Double { (elapsed / .milliseconds(1)).rounded() / 1000 }

    /// Bytes to go.
    package var left: Int64? { knownTotal.map { $0 - bytes } }

    /// Seconds to go at this rate.
    package var secondsLeft: Int? {
        guard let total = knownTotal, let rate, rate > 0 else { return nil }
        let seconds = Double(total - bytes) / Double(rate)
        return seconds < Self.foreseeable ? Int(seconds.rounded(.up)) : nil
    }

    /// The line for a log.
    package var text: String {
        "\(shown(name)): " + (parts + (detail.map { [shown($0)] } ?? [])).joined(separator: ", ")
    }

    private func shown(_ text: String) -> String { text.redacted.printable }

    private var parts: [String] {
        var parts: [String] = []
        if let total = knownTotal { parts.append("\(percent(of: total))%") }
        // Of what is no matter of bytes, only the time is told.
        if bytes > 0 || total != nil || detail == nil {
            parts.append(Quantity.bytes(bytes) + (knownTotal.map { " of about \(Quantity.bytes($0))" } ?? ""))
            if let rate { parts.append("\(Quantity.bytes(rate))/s") }
        }
        if silence > Self.patience {
            parts.append("no progress for \(Quantity.duration(silence))")
        } else if let secondsLeft {
            parts.append("\(secondsLeft < 60 ? "\(secondsLeft) s" : Quantity.duration(.seconds(secondsLeft))) left")
        } else {
            parts.append(Quantity.duration(elapsed))
        }
        return parts
    }

    private func percent(of total: Int64) -> Int { Int(Double(bytes) / Double(total) * 100) }
}

extension ProgressLine {
    private static let barWidth = 24
    /// Less of a detail than this tells nothing.
    private static let shortestDetail = 8

    /// The line for a terminal, with a bar if the total is known. Where it does not fit, the detail is cut first, then
    /// the bar goes, then the line is cut.
    ///
    /// - Parameters:
    ///   - width: How many columns the line may take.
    ///   - nameWidth: How many its name takes, so that bars stand below each other.
    package func text(width: Int, nameWidth: Int = 0) -> String {
        let name = shown(self.name)
        let head = name + ": " + String(repeating: " ", count: max(0, nameWidth - name.columns))
        let facts = parts.joined(separator: ", ")
        var line = head + bar + facts
        if line.columns > width { line = head + facts }
        let room = width - line.columns - 2
        if let detail = detail.map(shown), detail.columns <= room || room >= Self.shortestDetail {
            line += ", " + detail.cut(to: room)
        }
        return line.cut(to: width)
    }

    private var bar: String {
        guard let total = knownTotal else { return "" }
        let done = percent(of: total) * Self.barWidth / 100
        return "[" + String(repeating: "#", count: done) + String(repeating: ".", count: Self.barWidth - done) + "] "
    }
}

extension String {
    /// How many columns of a terminal it takes at most: letters of some languages take two.
    fileprivate var columns: Int { unicodeScalars.reduce(0) { $0 + $1.columns } }

    /// As much of it as fits.
    fileprivate func cut(to width: Int) -> String {
        var left = width
        return String(
            String.UnicodeScalarView(
                unicodeScalars.prefix {
                    left -= $0.columns
                    return left >= 0
                }))
    }
}

extension Unicode.Scalar {
    fileprivate var columns: Int { value < 0x1100 ? 1 : 2 }
}
