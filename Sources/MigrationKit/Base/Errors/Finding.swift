/// Something that was looked at, and whether it is as it has to be.
public struct Finding: Sendable, Hashable, Codable {
    /// Whether it is.
    public enum Verdict: String, Sendable, Codable, Comparable {
        /// It is.
        case pass
        /// Nothing stands in the way, but somebody should look.
        case warn
        /// It is not.
        case fail

        /// From good to bad.
        public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }
        private var rank: Int { self == .pass ? 0 : self == .warn ? 1 : 2 }
    }

    /// What it is, in kebab case: `encryption`, `code-hosts`.
    public var name: String
    /// Where it was looked: `instance`, `health`, `summary`, a database's name, `bucket`, `disk`.
    public var place: String
    /// Whether it is as it has to be.
    public var verdict: Verdict
    /// What was found, as a sentence.
    public var reason: String
    /// What there is to it, a line each: the tables, the code hosts.
    public var details: [String]
    /// What to do about it; nil where nothing has to be done.
    public var remedy: String?

    /// Whether it may come right by itself, as while an instance starts.
    public var mayClear = false

    /// Tells what was found; see the properties.
    public init(
        _ name: String, in place: String, _ verdict: Verdict, _ reason: String, details: [String] = [],
        remedy: String? = nil, mayClear: Bool = false
    ) {
        self.name = name
        self.place = place
        self.verdict = verdict
        self.reason = reason.redacted
        self.details = details.redacted
        self.remedy = remedy?.redacted
        self.mayClear = mayClear
    }

    /// One that is not as it has to be, because of an error.
    package init(_ name: String, in place: String, _ error: MigrationError) {
        self.init(
            name, in: place, .fail, error.message.printable,
            details: error.details.map(\.printable),
            remedy: error.next)
    }
}
