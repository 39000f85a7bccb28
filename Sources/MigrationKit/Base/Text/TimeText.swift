package import MigrationKitFoundation

/// Times as text: ISO 8601 in UTC for files and JSON, and a form for people. They are written and read here alone.
package enum TimeText {
    /// To the second: `2026-11-29T11:56:01Z`.
    package static func seconds(_ time: Date) -> String { time.formatted(.iso8601) }

    /// To the millisecond: `2026-11-29T11:56:01.250Z`.
    package static func exact(_ time: Date) -> String {
        // The formatter cuts off what is below a millisecond, and a text that was read is a little less than it says.
        let milliseconds = (time.timeIntervalSince1970 * 1000).rounded()
        return Date(timeIntervalSince1970: milliseconds / 1000 + 0.0001).formatted(exactStyle)
    }

    /// For a person: `2026-11-29 11:56 UTC`.
    package static func minutes(_ time: Date) -> String {
        String(seconds(time).prefix(16)).replacing("T", with: " ") + " UTC"
    }

    /// For a person, to the second, where UTC is said elsewhere: `2026-11-29 11:56:01`.
    package static func secondsInWords(_ time: Date) -> String {
        String(seconds(time).prefix(19)).replacing("T", with: " ")
    }

    /// The time in a header of HTTP, as RFC 9110 lets a server write it: `Sun, 06 Nov 1994 08:49:37 GMT`.
    package static func http(_ text: String) -> Date? {
        guard let parts = text.wholeMatch(of: /[A-Z][a-z]{2}, ([0-9]{2}) ([A-Z][a-z]{2}) ([0-9]{4}) ([0-9:]{8}) GMT/),
            let month = months.firstIndex(where: { $0 == parts.2 })
        else { return nil }
        return time("\(parts.3)-\(month < 9 ? "0" : "")\(month + 1)-\(parts.1)T\(parts.4)Z")
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// The time that a file or an answer tells, in either form; nil for another text.
    package static func time(_ text: String) -> Date? {
        (try? Date(text, strategy: exactStyle)) ?? (try? Date(text, strategy: .iso8601))
    }

    private static let exactStyle = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    // MARK: JSON

    /// Members of JSON that hold a time to the second; all others are to the millisecond.
    private static let keysInSeconds: Set<String> = ["createdAt", "uploadedAt", "until"]

    package static func encode(_ time: Date, to encoder: any Encoder) throws {
        var values = encoder.singleValueContainer()
        let isInSeconds = encoder.codingPath.last.map { keysInSeconds.contains($0.stringValue) } == true
        try values.encode(isInSeconds ? seconds(time) : exact(time))
    }

    package static func decode(from decoder: any Decoder) throws -> Date {
        let values = try decoder.singleValueContainer()
        let text = try values.decode(String.self)
        guard let time = time(text) else {
            throw DecodingError.dataCorruptedError(in: values, debugDescription: "`\(text)` is not a time.")
        }
        return time
    }
}
