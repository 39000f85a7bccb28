internal import NIOCore
internal import SystemPackage

/// `src-snapshot summary`: describes an instance in `summary.json`.
///
/// 1. The instance is asked which it is; the token has to be a site admin's.
/// 2. Connections to code hosts, page by page, and ways to log in: what `src snapshot test` compares.
/// 3. What the release can count cheaply; what it cannot is noted.
/// 4. The file appears when it is whole, readable by its owner alone.
public struct SummarizeInstance: Sendable {
    /// Asks the instance.
    public var client: SourcegraphClient
    /// Where the summary goes.
    public var folder: SnapshotFolder
    /// Takes what happens.
    public var onEvent: MigrationEventHandler

    /// Names an instance and a folder; see the properties.
    public init(
        client: SourcegraphClient, folder: SnapshotFolder = SnapshotFolder(),
        onEvent: @escaping MigrationEventHandler = { _ in }
    ) {
        self.client = client
        self.folder = folder
        self.onEvent = onEvent
    }

    /// Describes the instance.
    ///
    /// - Returns: What was written.
    /// - Throws: ``MigrationError`` if the instance cannot be asked, or the file not be written.
    public func run() async throws -> SnapshotSummary {
        let instance = try await SourcegraphInstance(client)
        onEvent(
            .notice(
                .init(
                    .instanceFound, "\(client.access.name) is Sourcegraph \(instance.productVersion.printable).",
                    ["instance": .init(client.access.name), "release": .init(instance.productVersion)])))
        let summary = try await instance.summary(onEvent)
        try folder.create()
        try await FolderLock.with(folder.path) {
            try await AtomicFile.write(folder.summary) { try await $0.append(ByteBuffer(string: summary.text)) }
        }
        return summary
    }
}
