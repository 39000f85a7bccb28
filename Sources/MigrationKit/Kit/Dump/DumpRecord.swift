import MigrationKitCLibrary
internal import NIOCore
internal import SystemPackage

/// What `databases --run` noted of a dump while it was written, beside the dump. The upload holds the file against it:
/// a dump that was altered on the disk in between is not sent.
struct DumpRecord: Codable {
    /// When the dump was finished, ISO 8601 in UTC.
    var finishedAt: String
    /// Bytes of the file.
    var bytes: Int64
    /// CRC32C of the file.
    var crc32c: UInt32
    /// What it holds.
    var contents: DumpContents
    /// What speaks against importing it.
    var refusals: [Refusal]
    /// A table whose times are not in UTC.
    var tableInForeignZone: TableName?
    /// The moment whose rows it holds; nil: it was taken by itself.
    var instant: SnapshotInstant?

    init(_ report: DumpReport) {
        finishedAt = JSONText.timestamp()
        bytes = report.bytes
        crc32c = report.crc32c
        contents = report.contents
        refusals = report.refusals
        tableInForeignZone = report.tableInForeignZone
    }

    /// Whether a dump is the one that was noted.
    ///
    /// - Parameters:
    ///   - size: Bytes of the file as it is now.
    ///   - crc32c: Their CRC32C.
    /// - Throws: ``MigrationError`` if it is not.
    func check(size: Int64, crc32c: UInt32, name: String) throws {
        guard size == bytes, crc32c == self.crc32c else {
            throw MigrationError(
                .damagedSnapshot,
                "\(name) has changed since it was dumped (at \(finishedAt)).",
                next: "Dump again with --run. If you replaced it on purpose, delete the .dump.json next to it."
            )
        }
    }
}

extension SnapshotFolder {
    /// Forgets what was noted of a database's dump.
    ///
    /// - Throws: ``MigrationError`` if the note is there and stays.
    func removeRecord(of database: Database) throws {
        let path = record(of: database)
        guard unlink(path.string) == 0 || errno == ENOENT else {
            throw MigrationError(.failed, "\(path) cannot be removed: \(Errno(rawValue: errno)).")
        }
    }

    /// What was noted of a database's dump; nil for a dump that was made by hand.
    ///
    /// - Throws: ``MigrationError`` if the note cannot be read.
    func readRecord(of database: Database) async throws -> DumpRecord? {
        let path = record(of: database)
        guard FileIdentity(path: path) != nil else { return nil }
        var bytes: [UInt8] = []
        for try await chunk in try FileReader(path: path).stream { bytes.append(contentsOf: chunk.readableBytesView) }
        do {
            return try JSONText.decode(DumpRecord.self, from: bytes)
        } catch {
            throw MigrationError(
                .damagedSnapshot, "\(path) is not a valid record of a dump.",
                next: "Dump again with --run, or delete this file if the dump was made by hand."
            )
        }
    }
}
