public import MigrationKitFoundation

/// What an import came to.
public struct ImportReport: Sendable, Encodable {
    /// The proof of each database; none where all was done by an earlier run, or the import ended before it.
    public var proofs: [ContentProof]
    /// When all was done; nil if it is not.
    public var completedAt: Date?
}
