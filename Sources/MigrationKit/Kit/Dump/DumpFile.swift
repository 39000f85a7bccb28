internal import NIOCore
public import SystemPackage

/// A dump that is in a file already.
public struct DumpFile: DatabaseDumper {
    /// Which database.
    public let database: Database
    /// The file.
    public let path: FilePath

    /// Names a file.
    ///
    /// - Parameters:
    ///   - database: Which database it is a dump of.
    ///   - path: The file.
    public init(database: Database, path: FilePath) {
        self.database = database
        self.path = path
    }

    /// Reads the file.
    ///
    /// - Parameter body: Reads the stream.
    /// - Returns: What `body` returns.
    /// - Throws: ``MigrationError`` if the file cannot be read, changes while it is read, or is cut off.
    public func withDump<Value: Sendable>(_ body: (ByteStream) async throws -> Value) async throws -> Value {
        let reader = try FileReader(path: path)
        return try await body(reader.unchangingStream.checkedForTrailer())
    }
}
