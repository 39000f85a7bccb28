import MigrationKitCLibrary
internal import MigrationKitFoundation
import Synchronization
internal import SystemPackage

/// How far the upload of one object is, in a file beside the snapshot: a line of JSON for each thing that is done, so that
/// the same command, run again after whatever has stopped it, goes on from there.
///
/// Readable by its owner alone: whoever has the address of an upload session may write to it.
package final class UploadNotes: Sendable {
    /// A line.
    fileprivate struct Line: Codable {
        var begun: Begun?
        var uploadID: String?
        var session: String?
        var part: Part?
        var completing: Int64?
        var refused: Bool?
        var finished: Finished?
    }

    /// What is uploaded, from which file in which state.
    struct Begun: Codable, Hashable {
        var object: String
        var source: String
        var partSize: Int64?
        /// When, ISO 8601 in UTC.
        var at: String?
    }

    /// A part that the store has confirmed.
    struct Part: Codable, Hashable {
        var number: Int
        var size: Int64
        var crc32c: UInt32
        var etag: String
    }

    /// The object is in the bucket.
    struct Finished: Codable {
        var object: StoredObject
        /// With the object the dump is there, whole.
        var entry: SnapshotManifest.DatabaseEntry?
        /// The part of a dump that it is.
        var part: SentPart?
    }

    /// A part of a dump that is in the bucket, and what tells whether it would still be the same.
    struct SentPart: Codable {
        var part: DumpPart
        /// Bytes of its text, before it is compressed, and their CRC32C.
        var size: Int64
        var crc32c: UInt32
    }

    struct State {
        var begun: Begun?
        /// Of an XML multipart upload.
        var uploadID: String?
        /// The parts that are stored, by number.
        var parts: [Int: Part] = [:]
        /// The address of a JSON resumable upload.
        var session: String?
        /// The store was asked to make the object of its parts.
        var isCompleting = false
        var finished: Finished?

        /// How much of the object is stored.
        var storedBytes: Int64 { finished?.object.size ?? parts.values.reduce(0) { $0 + $1.size } }
    }

    let path: FilePath
    /// Whether there were notes that cannot be read, and count for nothing.
    let isDamaged: Bool
    private let state: Mutex<State>

    /// Reads the notes of an earlier run, if there are any that can be read.
    init(path: FilePath) {
        self.path = path
        let read = Self.read(path)
        isDamaged = read == nil
        state = Mutex(read ?? State())
    }

    /// What is noted.
    var current: State { state.withLock { $0 } }

    /// Begins again: what was noted before is gone.
    func begin(object: String, source: String) throws {
        try replace(Line(begun: Begun(object: object, source: source, at: JSONText.timestamp())))
    }

    /// Forgets how far the upload was: the store no longer has it.
    func startOver() throws {
        guard let begun = current.begun else { return }
        try replace(Line(begun: begun))
    }

    func note(uploadID: String, partSize: Int64) throws {
        guard var begun = current.begun else { return }
        begun.partSize = partSize
        try replace(Line(begun: begun, uploadID: uploadID))
    }

    func note(session: String) throws { try append(Line(session: session), synced: true) }

    func note(_ part: Part) throws { try append(Line(part: part), synced: false) }

    func noteCompleting(size: Int64) throws { try append(Line(completing: size), synced: true) }

    /// The store has said that it does not make the object: from now on an upload that is gone has not become it.
    func noteRefused() throws { try append(Line(refused: true), synced: true) }

    func note(_ finished: Finished) throws { try append(Line(finished: finished), synced: true) }

    // MARK: The file

    private static let sizeLimit = 256 << 20

    /// - Returns: Nil where there is something else.
    private static func read(_ path: FilePath) -> State? {
        var state = State()
        guard FileIdentity(path: path) != nil else { return state }
        guard let text = FileManager.default.contents(atPath: path.string), text.count <= sizeLimit else { return nil }
        let whole = text.lastIndex(of: .lineFeed).map { text[...$0] } ?? Data()
        // A run that was killed may have left the beginning of a line.
        if whole.count < text.count { truncate(path.string, off_t(whole.count)) }
        for line in whole.split(separator: .lineFeed) {
            guard let line = try? JSONDecoder().decode(Line.self, from: line) else { return nil }
            state.apply(line)
        }
        return state
    }

    private func replace(_ line: Line) throws {
        try state.withLock { state in
            let temporary = FilePath(path.string + ".new")
            unlink(temporary.string)
            try write(line, to: temporary, options: [.create, .exclusiveCreate], synced: true)
            guard rename(temporary.string, path.string) == 0 else { throw failure(Errno(rawValue: errno)) }
            state = State()
            state.apply(line)
        }
    }

    private func append(_ line: Line, synced: Bool) throws {
        try state.withLock { state in
            try write(line, to: path, options: [.append], synced: synced)
            state.apply(line)
        }
    }

    private func write(
        _ line: Line, to path: FilePath, options: SystemPackage.FileDescriptor.OpenOptions, synced: Bool
    ) throws {
        do {
            let file = try SystemPackage.FileDescriptor.open(
                path, .writeOnly, options: options.union([.closeOnExec, .noFollow]), permissions: [.ownerReadWrite])
            defer { try? file.close() }
            let end = try file.seek(offset: 0, from: .end)
            do {
                _ = try file.writeAll((try JSONText.encode(line, pretty: false) + "\n").utf8)
            } catch {
                // Half a line on a full disk: the next would be joined to it, and no line could be read any more.
                _ = ftruncate(file.rawValue, off_t(end))
                throw error
            }
            if synced, fsync(file.rawValue) != 0 { throw Errno(rawValue: errno) }
        } catch let error as Errno {
            throw failure(error)
        }
    }

    private func failure(_ error: Errno) -> MigrationError {
        MigrationError(cannotWrite: "\(path), which records the upload's progress,", in: path.folder, error)
    }
}

extension UploadNotes.State {
    fileprivate mutating func apply(_ line: UploadNotes.Line) {
        if let begun = line.begun { self.begun = begun }
        if let uploadID = line.uploadID { self.uploadID = uploadID }
        if let session = line.session { self.session = session }
        if let part = line.part { parts[part.number] = part }
        if line.completing != nil { isCompleting = true }
        if line.refused == true { isCompleting = false }
        if let finished = line.finished { self.finished = finished }
    }
}
