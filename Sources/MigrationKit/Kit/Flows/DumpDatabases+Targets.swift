extension DumpDatabases {
    /// Names what to dump by its targets, such as those of a ``TargetsFile`` or a ``TargetPreset``.
    ///
    /// - Parameters:
    ///   - targets: Where the databases are, and who may read them.
    ///   - transport: How they are reached; else pg_dump runs on this machine.
    ///   - folder: Where to.
    ///   - onEvent: Takes what happens.
    public init(
        targets: [Database: DatabaseTarget], transport: DumpTransport = .pgDump,
        folder: SnapshotFolder = SnapshotFolder(), onEvent: @escaping MigrationEventHandler = { _ in }
    ) {
        let dumpers = targets.sorted { $0.key < $1.key }.map { PgDump($0.key, transport: transport, target: $0.value) }
        self.init(dumpers: dumpers, folder: folder, onEvent: onEvent)
    }
}
