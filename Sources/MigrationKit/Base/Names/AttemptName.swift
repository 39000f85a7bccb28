package import MigrationKitFoundation

/// One attempt to put a snapshot in a bucket in which nothing can be replaced: what it stores has a prefix of its own,
/// such as `run-20261130T063608Z-4f2a.primary.sql`. The manifest names the objects of the attempt that is whole.
package struct AttemptName: Sendable, Hashable, Comparable {
    /// The name: `run-20261130T063608Z-4f2a`.
    package let text: String

    /// An attempt that begins.
    ///
    /// - Parameters:
    ///   - startedAt: When.
    ///   - tag: What tells it from another one of the same second.
    package init(startedAt: Date, tag: UInt16 = .random(in: .min ... .max)) {
        let time = TimeText.seconds(startedAt).filter { $0 != "-" && $0 != ":" }
        let digits = String(tag, radix: 16)
        text = "run-\(time)-\(String(repeating: "0", count: 4 - digits.count))\(digits)"
    }

    /// The attempt that an object is of; nil for an object that was not stored by one.
    ///
    /// - Parameter object: Its name.
    package init?(of object: String) {
        let form = /run-([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2})Z-([0-9a-f]{4})\./
        guard let match = object.prefixMatch(of: form),
            let startedAt = TimeText.time("\(match.1)-\(match.2)-\(match.3)T\(match.4):\(match.5):\(match.6)Z"),
            let tag = UInt16(match.7, radix: 16)
        else { return nil }
        self.init(startedAt: startedAt, tag: tag)
        // No 30th of February.
        guard object.hasPrefix("\(text).") else { return nil }
    }

    /// The attempt's object of this name.
    package func object(_ name: String) -> String { "\(text).\(name)" }

    /// What an object is called without the attempt that it is of.
    package static func plainName(of object: String) -> String {
        AttemptName(of: object).map { String(object.dropFirst($0.text.count + 1)) } ?? object
    }

    /// The older one comes first.
    package static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}

extension AttemptName: CustomStringConvertible {
    /// The name.
    package var description: String { text }
}
