internal import NIOCore

/// `src-snapshot verify` without a bucket: reads the dumps of the snapshot folder again, and holds those that
/// `databases --run` has made against what it noted of them.
package struct VerifyDumps: Sendable {
    /// The folder.
    package var folder: SnapshotFolder
    /// Takes what happens.
    package var onEvent: MigrationEventHandler

    /// A dump that was read whole.
    package struct Verified: Sendable, Encodable {
        /// Which database.
        package var database: Database
        /// Its dump.
        package var path: String
        /// Whether it is the one that `databases --run` has made; false: it was made by hand, so nobody knows.
        package var isAsDumped: Bool
        /// What it holds.
        package var contents: DumpContents
    }

    /// Names what to verify; see the properties.
    package init(folder: SnapshotFolder = SnapshotFolder(), onEvent: @escaping MigrationEventHandler = { _ in }) {
        self.folder = folder
        self.onEvent = onEvent
    }

    /// Verifies the dumps that are there.
    ///
    /// - Returns: What each holds.
    /// - Throws: ``MigrationError`` if there is none, or one is torn or was altered.
    @discardableResult
    package func run() async throws -> [Verified] {
        let present = try Database.allCases.filter { FileIdentity(path: try folder.dump(of: $0)) != nil }
        guard !present.isEmpty else {
            throw MigrationError(
                .unmetRequirement, "\(folder.path) has no dump.",
                next: "Create the dumps with `src-snapshot databases --run`, or specify a bucket with --bucket."
            )
        }
        for database in Database.allCases where !present.contains(database) {
            if let record = try await folder.readRecord(of: database) {
                throw MigrationError(
                    .damagedSnapshot,
                    "\(database.dumpName) is missing from \(folder.path); it was finished at \(record.finishedAt).",
                    next: "Dump again with --run, or remove \(folder.record(of: database))."
                )
            }
        }
        var verified: [Verified] = []
        for database in present { verified.append(try await verify(database)) }
        return verified
    }

    private func verify(_ database: Database) async throws -> Verified {
        let file = DumpFile(database: database, path: try folder.dump(of: database))
        let name = "\(file.path)"
        let record = try await folder.readRecord(of: database)
        onEvent(.started(name, total: FileIdentity(path: file.path)?.size))
        do {
            let runner = PassRunner(profile: .none, name: name, refuses: .nothing, onEvent: onEvent) {
                try record?.check(size: $0.bytes, crc32c: $0.crc32c, name: name)
                try DumpCompleteness(database: database, contents: $0.contents).checkIsOwn(name: name)
            }
            try await file.withDump { dump in for try await _ in runner.stream(dump) {} }
            let contents = try await runner.finishedReport().contents
            let known = record == nil ? "whole (made by hand: nothing to compare it with)" : "whole and unaltered"
            onEvent(
                .finished(
                    name, summary: "\(known), \(Quantity.count(contents.rows)) rows in \(contents.tables.count) tables")
            )
            let completeness = DumpCompleteness(database: database, contents: contents)
            if let warning = completeness.warning(name: name) {
                onEvent(.warning(warning))
            }
            return Verified(database: database, path: name, isAsDumped: record != nil, contents: contents)
        } catch let error as MigrationError {
            onEvent(.failed(name, error))
            throw error.naming(name)
        }
    }
}
