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

extension FileReader {
    /// The file's bytes; throws at the end if somebody wrote to the file meanwhile.
    var unchangingStream: ByteStream {
        get throws {
            try checkIsFile()
            let before = try identity()
            let stream = self.stream
            return ByteStream { [self] in
                if let chunk = try await stream.makeAsyncIterator().next() { return chunk }
                if try identity() == before, FileIdentity(path: path) == before { return nil }
                throw changed
            }
        }
    }
}
