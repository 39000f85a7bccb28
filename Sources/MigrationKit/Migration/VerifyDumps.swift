internal import NIOCore

/// `src-snapshot verify` without a bucket: reads the dumps of the snapshot folder again, and holds those that
/// `databases --run` has made against what it noted of them.
public struct VerifyDumps: Sendable {
    /// The folder.
    public var folder: SnapshotFolder
    /// Takes what happens.
    public var onEvent: MigrationEventHandler

    /// Names what to verify; see the properties.
    public init(folder: SnapshotFolder = SnapshotFolder(), onEvent: @escaping MigrationEventHandler = { _ in }) {
        self.folder = folder
        self.onEvent = onEvent
    }

    /// Verifies the dumps that are there.
    ///
    /// - Throws: ``MigrationError`` if there is none, or one is torn or was altered.
    public func run() async throws {
        let present = try Database.allCases.filter { FileIdentity(path: try folder.dump(of: $0)) != nil }
        guard !present.isEmpty else {
            throw MigrationError(
                .unmetRequirement, "\(folder.path) holds no dump.",
                next: "Make the dumps with `src-snapshot databases --run`, or name a bucket with -bucket."
            )
        }
        for database in present { try await verify(database) }
    }

    private func verify(_ database: Database) async throws {
        let file = DumpFile(database: database, path: try folder.dump(of: database))
        let name = "\(file.path)"
        let record = try await folder.readRecord(of: database)
        onEvent(.started(name, total: FileIdentity(path: file.path)?.size))
        do {
            let runner = PassRunner(profile: .none, name: name, refuses: false, onEvent: onEvent) {
                try record?.check($0, name: name)
            }
            try await file.withDump { dump in for try await _ in runner.stream(dump) {} }
            let contents = try await runner.finishedReport().contents
            let known = record == nil ? "whole (made by hand: nothing to compare it with)" : "whole and unaltered"
            onEvent(
                .finished(
                    name, summary: "\(known), \(Quantity.count(contents.rows)) rows in \(contents.tables.count) tables")
            )
        } catch let error as MigrationError {
            onEvent(.failed(name, error))
            throw error
        }
    }
}
