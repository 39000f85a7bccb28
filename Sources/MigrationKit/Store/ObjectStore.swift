public import NIOCore

/// A bucket: objects by name.
///
/// A conformer owes:
/// - ``put(_:_:)`` is atomic and verified. Nothing is visible under the name until the whole stream was taken and the
///   store holds the same bytes; a throw, of the stream's or its own, leaves nothing visible behind.
/// - ``get(_:)`` gives the bytes that were put, or throws.
/// - Names have no folders in them; a name that could lead out of the bucket is refused.
public protocol ObjectStore: Sendable {
    /// The bucket, for messages.
    var location: String { get }

    /// Whether whoever uploads may neither look at objects nor replace them, so that an upload asks for neither.
    var isWriteOnce: Bool { get }

    /// Stores an object.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - upload: Its bytes, and how the upload goes on where an earlier one was stopped.
    /// - Returns: What the store says that it holds: the same size and CRC32C as what was sent.
    /// - Throws: ``MigrationError``, or what the stream throws.
    func put(_ name: String, _ upload: ObjectUpload) async throws -> ObjectStatus

    /// Reads an object, whole, and checks that it is what the store keeps the checksum of.
    ///
    /// - Parameter name: Its name.
    /// - Returns: Its bytes.
    /// - Throws: ``MigrationError`` with code `damaged-snapshot` if there is no such object.
    func get(_ name: String) async throws -> ByteStream

    /// Reads a part of an object.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - range: Which of its bytes; what lies behind its end is left out.
    /// - Throws: ``MigrationError`` with code `damaged-snapshot` if there is no such object.
    func get(_ name: String, range: Range<Int64>) async throws -> ByteStream

    /// What the store says of an object, nil if there is none of that name.
    func status(of name: String) async throws -> ObjectStatus?

    /// Names of all objects.
    func list() async throws -> [String]

    /// Stores a small object if there is none of that name; of several who try at once one succeeds. It may be tried
    /// again with the same bytes by whoever does not know how it ended.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - bytes: What it holds.
    /// - Returns: Whether an object of that name with these bytes is there now; false: there is another.
    /// - Throws: ``MigrationError`` if the store refuses.
    func create(_ name: String, _ bytes: ByteBuffer) async throws -> Bool

    /// A folder in the bucket. Its objects do not show in the bucket's own list.
    ///
    /// - Parameter name: Its name.
    /// - Throws: ``MigrationError`` if that is none.
    func folder(_ name: String) throws -> any ObjectStore

    /// Gives up an upload that was begun and will not go on, as far as the store can be told.
    ///
    /// - Parameters:
    ///   - name: The object's name.
    ///   - notes: How far it was.
    func abandon(_ name: String, _ notes: UploadNotes) async
}

/// What a store says of an object.
public struct ObjectStatus: Sendable, Hashable {
    /// Bytes.
    public var size: Int64
    /// CRC32C; nil where the store keeps none.
    public var crc32c: UInt32?

    /// An object of that size and checksum.
    public init(size: Int64, crc32c: UInt32?) {
        self.size = size
        self.crc32c = crc32c
    }
}

extension ObjectStore {
    /// Where nothing is kept of an upload that was stopped, there is nothing to give up.
    public func abandon(_ name: String, _ notes: UploadNotes) async {}

    /// Stores an object that nobody needs to take up again, such as one of a few bytes.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - stream: Its bytes.
    /// - Throws: ``MigrationError``, or what the stream throws.
    @discardableResult
    public func put(_ name: String, _ stream: ByteStream) async throws -> ObjectStatus {
        try await put(name, ObjectUpload(stream: stream))
    }

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
                throw MigrationError(.damagedSnapshot, "\(name) in \(location) is larger than expected.")
            }
        }
        return bytes
    }
}

/// Names of objects.
enum ObjectName {
    /// - Throws: ``MigrationError`` for a name that is a path, hidden, or not to be seen.
    static func check(_ name: String) throws {
        let isPlain = name.unicodeScalars.allSatisfy { $0 != "/" && $0.properties.generalCategory != .control }
        guard isPlain, !name.isEmpty, !name.hasPrefix("."), name.utf8.count <= 255 else {
            throw MigrationError(.damagedSnapshot, "`\(name.printable)` is not a valid object name.")
        }
    }
}
