internal import Crypto
import MigrationKitCLibrary
internal import MigrationKitFoundation
internal import NIOCore
internal import SystemPackage

/// What is noted of the uploads to one bucket: a file for each object in `src-snapshot/.upload/BUCKET/`. None for a
/// bucket that can be looked at.
struct UploadLedger {
    private let folder: FilePath?
    private let store: any ObjectStore
    private var location: String { store.location }

    /// - Parameter startsOver: Whether what earlier runs have noted is set aside until the upload has succeeded.
    init(folder: SnapshotFolder, store: any ObjectStore, startsOver: Bool) async throws {
        self.store = store
        guard store.isWriteOnce else {
            self.folder = nil
            return
        }
        var crc = CRC32C()
        Array(store.location.utf8).withUnsafeBytes { crc.update($0) }
        let readable = store.location.trimmingPrefix("gs://").map { $0.isLetter || $0.isNumber ? $0 : "-" }
        let uploads = folder.path.appending(".upload")
        let mine = uploads.appending("\(String(readable.prefix(100)))-\(String(crc.value, radix: 16))")
        for path in [uploads, mine] {
            guard mkdir(path.string, 0o700) == 0 || errno == EEXIST else {
                throw MigrationError(.unmetRequirement, "The folder \(path) cannot be made: \(Errno(rawValue: errno)).")
            }
        }
        self.folder = mine
        if startsOver { try await setAside() } else { try takeBack() }
    }

    // MARK: What starting over leaves behind

    /// An earlier upload's notes are kept as `.primary.sql.before` until the new upload has succeeded: if the bucket
    /// still holds the objects, nothing else tells what they are.
    private static let aside = ".before"

    private func setAside() async throws {
        guard let folder else { return }
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.string) where !name.hasPrefix(".") {
            let (path, aside) = (folder.appending(name), folder.appending(".\(name)\(Self.aside)"))
            if FileIdentity(path: aside) != nil {
                // An upload that has started over, too, and has not succeeded.
                await abandon(name)
            } else if rename(path.string, aside.string) != 0 {
                throw MigrationError(cannotWrite: "\(folder)", in: folder, Errno(rawValue: errno))
            }
        }
    }

    /// What a new upload that came to nothing has not replaced counts again.
    private func takeBack() throws {
        for (name, file) in try namesAside() {
            if let path = folder?.appending(name), FileIdentity(path: path) == nil { rename(file.string, path.string) }
        }
    }

    /// The new upload has succeeded: what earlier ones have begun is given up.
    func forgetEarlier() async throws {
        for (name, file) in try namesAside() {
            let notes = UploadNotes(path: file)
            if notes.current.finished == nil { await (store as? any ResumingStore)?.abandon(name, notes) }
            unlink(file.string)
        }
    }

    private func namesAside() throws -> [(name: String, file: FilePath)] {
        guard let folder else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: folder.string)
            .filter { $0.hasPrefix(".") && $0.hasSuffix(Self.aside) }
            .map { (String($0.dropFirst().dropLast(Self.aside.count)), folder.appending($0)) }
    }

    // MARK: Notes

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
        if notes.isDamaged {
            onEvent(
                .warning(
                    .init(
                        .notesDamaged,
                        "How far the upload of \(name) was cannot be read: \(notes.path) is damaged. Sending it from "
                            + "the beginning.", ["name": .init(name), "path": .init("\(notes.path)")])))
        }
        if before.begun?.source == source.text { return notes }
        guard before.finished == nil else { throw cannotReplace(name, source.difference(from: before)) }
        if before.begun != nil {
            onEvent(
                .warning(
                    .init(
                        .sourceChanged,
                        "\(source.what) has changed since its upload started. Sending it from the beginning.",
                        ["name": .init(name), "source": .init(source.what)])))
            await (store as? any ResumingStore)?.abandon(name, notes)
        }
        try notes.begin(object: "\(location)/\(name)", source: source.text)
        return notes
    }

    /// Looks whether an object is in the bucket and its source has changed since, without noting anything.
    ///
    /// - Throws: ``MigrationError`` if so.
    func check(_ name: String, _ source: SourceFingerprint) throws {
        guard let state = folder.map({ UploadNotes(path: $0.appending(name)).current }), state.finished != nil,
            state.begun?.source != source.text
        else { return }
        throw cannotReplace(name, source.difference(from: state))
    }

    /// An object that would have to be replaced by another.
    func cannotReplace(_ name: String, _ reason: String) -> MigrationError {
        MigrationError(
            .unmetRequirement, "\(name) is already in \(location), and \(reason).",
            next: "Upload under a prefix, such as --bucket=\(location)/2. "
                + "Or have it all removed from the bucket and add --start-over."
        )
    }

    /// Gives up what was begun under another name of the same dump.
    func abandon(_ name: String) async {
        guard let path = folder?.appending(name), FileIdentity(path: path) != nil else { return }
        let notes = UploadNotes(path: path)
        guard notes.current.finished == nil else { return }
        await (store as? any ResumingStore)?.abandon(name, notes)
        unlink(path.string)
    }

    /// The objects of a database's dump, whole or parts, of which something is noted.
    func names(of database: Database) -> [String] {
        guard let folder, let names = try? FileManager.default.contentsOfDirectory(atPath: folder.string) else {
            return []
        }
        return names.filter(database.owns).sorted()
    }

    /// What is noted of an object's upload.
    func state(_ name: String) -> UploadNotes.State? { folder.map { UploadNotes(path: $0.appending(name)).current } }

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
    /// What of the text is not about what is done to the source.
    private let identity: String

    /// Why what was noted is not of this source, as a sentence's end.
    func difference(from noted: UploadNotes.State) -> String {
        noted.begun?.source.hasPrefix(identity) == true
            ? "was made with other options (--profile, --gzip or --split)" : "\(what) has changed"
    }

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
        self.identity =
            "\(identity.size) bytes, changed \(identity.modifiedSeconds).\(identity.modifiedNanoseconds), inode "
            + "\(identity.inode), crc32c \(sums.joined(separator: " ")), "
        text = self.identity + treatment
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
        identity = text
        what = "the snapshot"
    }
}
