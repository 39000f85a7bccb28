public import MigrationKitFoundation

/// A copy of databases that a migration has kept on their server, to go back to.
public struct DatabaseCopy: Sendable, Hashable, Codable {
    /// What ``DatabaseImporter/backUp(_:for:)`` has called it.
    public var name: String
    /// What it is there for, or what it holds, in a few words.
    public var contents: String
    /// Bytes that it takes; nil: the server does not tell.
    public var size: Int64?
    /// When it was made; nil: the server does not tell.
    public var createdAt: Date?

    /// Describes a copy; see the properties.
    public init(name: String, contents: String, size: Int64? = nil, createdAt: Date? = nil) {
        (self.name, self.contents, self.size, self.createdAt) = (name, contents, size, createdAt)
    }
}

extension DatabaseCopy: CustomStringConvertible {
    /// Its name, with its size.
    public var description: String { name + (size.map { " (\(Quantity.bytes($0)))" } ?? "") }
}
