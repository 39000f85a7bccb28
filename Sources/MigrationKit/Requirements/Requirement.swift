/// Something that has to hold before a migration, and whether it does.
public struct Requirement: Sendable, Hashable, Encodable {
    /// Whether it holds.
    public enum Verdict: String, Sendable, Encodable {
        /// It holds.
        case pass
        /// The migration can be done, but somebody should look.
        case warn
        /// The migration cannot be done like this.
        case fail
    }

    /// What it is, in kebab case: `encryption`, `pg-dump`.
    public var name: String
    /// Where it was looked: `instance`, `primary`, `codeintel`, `codeinsights`, `bucket`, `disk`.
    public var place: String
    /// Whether it holds.
    public var verdict: Verdict
    /// What was found, as a sentence.
    public var reason: String
    /// What to do about it; nil where nothing has to be done.
    public var remedy: String?

    /// Tells what was found; see the properties.
    public init(_ name: String, in place: String, _ verdict: Verdict, _ reason: String, remedy: String? = nil) {
        self.name = name
        self.place = place
        self.verdict = verdict
        self.reason = reason
        self.remedy = remedy
    }

    /// One that does not hold, because of an error.
    init(_ name: String, in place: String, _ error: MigrationError) {
        let details = error.details.prefix(3).joined(separator: "; ")
        let reason = details.isEmpty ? error.message : "\(error.message) (\(details))"
        self.init(name, in: place, .fail, reason.printable, remedy: error.next)
    }
}
