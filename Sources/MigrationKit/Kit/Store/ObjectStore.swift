public import NIOCore

/// A bucket: objects by name.
///
/// A conformer owes:
/// - ``put(_:_:)`` is atomic and verified. Nothing is visible under the name until the whole stream was taken and the
///   store holds the same bytes; a throw, of the stream's or its own, leaves nothing visible behind.
/// - ``get(_:)`` gives the bytes that were put, or throws.
/// - Names have no folders in them; a name that could lead out of the bucket is refused: ``ObjectName/check(_:)``.
/// - ``create(_:_:)`` and ``folder(_:)`` if it is to hold a journal; by default they throw.
public protocol ObjectStore: Sendable {
    /// The bucket, for messages.
    var location: String { get }

    /// Whether whoever uploads may neither look at objects nor replace them, so that an upload asks for neither. False by
    /// default.
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

    /// Reads a part of an object; by default from its whole.
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

    /// Bytes of each object, by its name; by default each is asked for by itself.
    func sizes() async throws -> [String: Int64]

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
}

/// A store that can go on with an upload that was stopped, by what was noted of it.
package protocol ResumingStore: ObjectStore {
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
    /// Whoever uploads may look at objects, and replace them.
    public var isWriteOnce: Bool { false }

    /// Reads all of the object up to the range's end.
    public func get(_ name: String, range: Range<Int64>) async throws -> ByteStream {
        let rest = PartOfStream(try await get(name), range)
        return ByteStream { try await rest.next() }
    }

    /// Asks for the status of each.
    public func sizes() async throws -> [String: Int64] {
        var sizes: [String: Int64] = [:]
        for name in try await list() { sizes[name] = try await status(of: name)?.size }
        return sizes
    }

    /// Nothing can be made here that must never be replaced.
    public func create(_ name: String, _ bytes: ByteBuffer) async throws -> Bool { throw holdsNoJournal }

    /// There are no folders.
    public func folder(_ name: String) throws -> any ObjectStore { throw holdsNoJournal }

    private var holdsNoJournal: MigrationError {
        MigrationError(
            .usage, "\(location) cannot hold a journal.", next: "Keep the journal in another bucket or folder.")
    }

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

    /// Stores an object, and holds what the store says that it has against the bytes that the stream gave.
    ///
    /// - Throws: ``MigrationError`` if they differ.
    func putChecked(_ name: String, _ upload: ObjectUpload) async throws -> StoredObject {
        let watch = ChecksumWatch()
        var upload = upload
        upload.stream = watch.watching(upload.stream)
        let status = try await put(name, upload)
        guard status == (await watch.status) else { throw MigrationError.altered(name, in: location) }
        return await watch.object(named: name)
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
public enum ObjectName {
    /// Checks a name before anything is made of it.
    ///
    /// - Parameter name: What somebody has asked for.
    /// - Throws: ``MigrationError`` with code `damaged-snapshot` for a name that is a path, hidden, or not to be seen.
    public static func check(_ name: String) throws {
        let isPlain = name.unicodeScalars.allSatisfy { $0 != "/" && $0.properties.generalCategory != .control }
        guard isPlain, !name.isEmpty, !name.hasPrefix("."), name.utf8.count <= 255 else {
            throw MigrationError(.damagedSnapshot, "`\(name.printable)` is not a valid object name.")
        }
    }
}

/// A stretch of a stream's bytes.
private actor PartOfStream {
    private let iterator: ByteStream.AsyncIterator
    private let range: Range<Int64>
    private var offset: Int64 = 0

    init(_ stream: ByteStream, _ range: Range<Int64>) {
        iterator = stream.makeAsyncIterator()
        self.range = range
    }

    func next() async throws -> ByteBuffer? {
        while offset < range.upperBound, var chunk = try await iterator.next() {
            let here = offset..<offset + Int64(chunk.readableBytes)
            offset = here.upperBound
            let wanted = here.clamped(to: range)
            guard !wanted.isEmpty else { continue }
            chunk.moveReaderIndex(forwardBy: Int(wanted.lowerBound - here.lowerBound))
            return chunk.readSlice(length: wanted.count)
        }
        return nil
    }
}

extension MigrationError {
    /// An object that is not what was sent.
    static func altered(_ name: String, in location: String) -> MigrationError {
        MigrationError(
            .failed, "\(location) does not hold what was sent of \(name).",
            next: "Ask for it to be removed, then upload it again.")
    }
}
