/// A release of Sourcegraph, as far as its API and its schemas go by it.
public struct SourcegraphVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// 5 of 5.1.8.
    public let major: Int
    /// 1 of 5.1.8.
    public let minor: Int
    /// 8 of 5.1.8.
    public let patch: Int

    /// Makes a version of its numbers.
    public init(_ major: Int, _ minor: Int, _ patch: Int = 0) {
        self.major = major
        self.minor = minor
        self.patch = patch
    }

    /// Reads what an instance says of itself: `5.1.8`, `v5.1.8`, `7.2.0-rc.1`, `5.11.6271+build`, and builds of the
    /// main branch, `204870_2023-03-30_5.0-64f93593ba02`, which go by the release in their name.
    ///
    /// - Parameter text: The product's version; nil comes of one that names no release, such as `0.0.0+dev`,
    ///   `insiders`, or the calendar versions of the app that there was for a while.
    public init?(_ text: String) {
        guard text.utf8.count <= 100 else { return nil }
        let underscored = text.split(separator: "_", omittingEmptySubsequences: false)
        let name = underscored.count >= 3 ? underscored[underscored.count - 1] : text[...]
        let plain = name.hasPrefix("v") ? name.dropFirst() : name
        let numbers = plain.prefix { $0 != "-" && $0 != "+" }.split(separator: ".", omittingEmptySubsequences: false)
        guard (2...3).contains(numbers.count) else { return nil }
        let parsed = numbers.compactMap { number in number.allSatisfy(\.isASCIIDigit) ? Int(number) : nil }
        guard parsed.count == numbers.count, (1..<1000).contains(parsed[0]) else { return nil }
        self.init(parsed[0], parsed[1], parsed.count > 2 ? parsed[2] : 0)
    }

    /// The oldest whose databases can be brought to a managed instance.
    public static let oldest = SourcegraphVersion(3, 20)

    /// The three numbers.
    public var description: String { "\(major).\(minor).\(patch)" }

    /// By number.
    public static func < (left: Self, right: Self) -> Bool {
        (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
    }
}

extension SourcegraphVersion: Codable {
    /// Reads the three numbers, as ``encode(to:)`` writes them.
    public init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        let text = try value.decode(String.self)
        guard let version = SourcegraphVersion(text), version.description == text else {
            throw DecodingError.dataCorruptedError(
                in: value,
                debugDescription: "This is not a version of three numbers.")
        }
        self = version
    }

    /// Writes the version as its text.
    public func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        try value.encode(description)
    }
}

extension Character {
    fileprivate var isASCIIDigit: Bool { isASCII && isNumber }
}
