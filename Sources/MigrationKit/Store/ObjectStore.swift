internal import NIOCore

/// A bucket: objects by name.
///
/// A conformer owes:
/// - ``put(_:_:)`` is atomic and verified. Nothing is visible under the name until the whole stream was taken and the
///   store holds the same bytes; a throw, of the stream's or its own, leaves nothing behind.
/// - ``get(_:)`` gives the bytes that were put, or throws.
/// - Names have no folders in them; a name that could lead out of the bucket is refused.
public protocol ObjectStore: Sendable {
    /// The bucket, for messages.
    var location: String { get }

    /// Stores an object.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - stream: Its bytes.
    /// - Returns: Size and checksums of what is stored.
    /// - Throws: ``MigrationError``, or what the stream throws.
    func put(_ name: String, _ stream: ByteStream) async throws -> StoredObject

    /// Reads an object.
    ///
    /// - Parameter name: Its name.
    /// - Returns: Its bytes.
    /// - Throws: ``MigrationError`` with code `damaged-snapshot` if there is no such object.
    func get(_ name: String) async throws -> ByteStream

    /// Size of an object in bytes, nil if there is none of that name.
    func size(of name: String) async throws -> Int64?

    /// Names of all objects.
    func list() async throws -> [String]
}

extension ObjectStore {
    /// Reads an object that is small, such as the manifest.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - limit: More bytes than this are an error.
    func read(_ name: String, limit: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await chunk in try await get(name) {
            bytes.append(contentsOf: chunk.readableBytesView)
            guard bytes.count <= limit else {
                throw MigrationError(.damagedSnapshot, "\(name) in \(location) is larger than it can be.")
            }
        }
        return bytes
    }
}
