internal import Crypto
internal import Foundation
internal import NIOCore
internal import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What is noted of the uploads to one bucket: a file for each object in `src-snapshot/.upload/BUCKET/`. None for a
/// bucket that can be looked at.
struct UploadLedger {
    private let folder: FilePath?
    private let location: String

    init(folder: SnapshotFolder, store: any ObjectStore, startsOver: Bool) throws {
        location = store.location
        guard store.isWriteOnce else {
            self.folder = nil
            return
        }
        var crc = CRC32C()
        Array(location.utf8).withUnsafeBytes { crc.update($0) }
        let readable = location.dropFirst("gs://".count).map { $0.isLetter || $0.isNumber ? $0 : "-" }
        let uploads = folder.path.appending(".upload")
        let mine = uploads.appending("\(String(readable.prefix(100)))-\(String(crc.value, radix: 16))")
        for path in [uploads, mine] {
            guard mkdir(path.string, 0o700) == 0 || errno == EEXIST else {
                throw MigrationError(.unmetRequirement, "The folder \(path) cannot be made: \(Errno(rawValue: errno)).")
            }
        }
        self.folder = mine
        if startsOver {
            for name in try FileManager.default.contentsOfDirectory(atPath: mine.string) {
                unlink(mine.appending(name).string)
            }
        }
    }

    /// The notes of an object's upload, as they are where it goes on, or new ones.
    ///
    /// - Throws: ``MigrationError`` if the object is in the bucket and the source has changed since: it could not be
    ///   replaced.
    func notes(
        for name: String, source: SourceFingerprint, _ onEvent: MigrationEventHandler
    ) async throws -> UploadNotes? {
        guard let folder else { return nil }
        let notes = UploadNotes(path: folder.appending(name))
        let before = notes.current
        if before.begun?.source == source.text { return notes }
        guard before.finished == nil else {
            throw MigrationError(
                .unmetRequirement, "\(name) is in \(location) already, and \(source.what) is another now.",
                next: "Upload under a prefix, such as -bucket=\(location)/2. "
                    + "Or have all of it removed from the bucket and add --start-over."
            )
        }
        if before.begun != nil {
            onEvent(.warning("\(source.what) has changed since its upload began. It is sent from the beginning."))
        }
        try notes.begin(object: "\(location)/\(name)", source: source.text)
        return notes
    }

    /// What is known of an object that is in the bucket.
    func finished(_ name: String) -> UploadNotes.Finished? {
        folder.flatMap { UploadNotes(path: $0.appending(name)).current.finished }
    }
}

/// What says that a source is the one whose upload was begun.
struct SourceFingerprint {
    /// Equal for equal sources.
    let text: String
    /// The source, for messages.
    let what: String

    private static let edge = 64 << 10

    /// A file: size, time of its last change, inode, and the CRC32C of its head and tail.
    ///
    /// - Parameter treatment: What is done to it on its way.
    init(_ path: FilePath, _ treatment: String = "") async throws {
        let reader = try FileReader(path: path)
        let identity = try reader.identity()
        var sums: [String] = []
        for offset in [0, max(0, identity.size - Int64(Self.edge))] {
            var crc = CRC32C()
            let bytes = try await reader.read(at: offset, atMost: Self.edge)
            bytes?.withUnsafeReadableBytes { crc.update($0) }
            sums.append(crc.value.base64)
        }
        text =
            "\(identity.size) bytes, changed \(identity.modifiedSeconds).\(identity.modifiedNanoseconds), inode "
            + "\(identity.inode), crc32c \(sums.joined(separator: " ")), \(treatment)"
        what = "\(path)"
    }

    /// A manifest, but for the time when it was made.
    init(_ manifest: SnapshotManifest) throws {
        struct Content: Encodable {
            var databases: [SnapshotManifest.DatabaseEntry]
            var files: [StoredObject]
        }
        let content = try JSONText.encode(Content(databases: manifest.databases, files: manifest.files))
        var checksum = StreamChecksum()
        Array(content.utf8).withUnsafeBytes { checksum.update($0) }
        text = checksum.sha256 ?? ""
        what = "the snapshot"
    }
}
