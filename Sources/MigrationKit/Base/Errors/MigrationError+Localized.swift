public import Foundation

extension MigrationError: LocalizedError {
    /// What happened.
    public var errorDescription: String? { message.redacted.printable }
    /// More to read, a line each.
    public var failureReason: String? {
        details.isEmpty ? nil : details.map(\.redacted.printable).joined(separator: "\n")
    }
    /// What to do next.
    public var recoverySuggestion: String? { next?.redacted.printable }
}
