import ArgumentParser
import MigrationKitCLibrary
import MigrationKitCommandSupport

/// `src-snapshot upload`
struct Upload: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "upload",
        abstract: "Upload the dumps and summary.json to a bucket, manifest.json last.",
        discussion: """
            The dumps are rewritten for Cloud SQL as they are sent: statements that it does not accept are commented \
            out. Data and function bodies do not change, nor do your files. manifest.json lists every change.

            A key for a Google bucket needs only the role roles/storage.objectCreator. If an upload is interrupted, \
            run the same command again: what is already stored is not sent again. An object counts as uploaded when \
            the store's own checksum matches.

            With --split, each dump becomes several objects, primary.00-extensions.sql to primary.30-indexes.sql. Each \
            is a dump of its own, loaded completely or not at all. Imported in the order of their names, they give the \
            same database as the whole dump.

            Examples:
              src-snapshot upload --bucket=$BUCKET --credentials=$CREDENTIALS_FILE
              src-snapshot upload --bucket=gs://bucket/prefix --gzip --max-rate=50MB/s
              src-snapshot upload --bucket=gs://bucket/prefix --split=1GiB
              src-snapshot upload --bucket=./bucket
              src-snapshot upload --bucket=file:///mnt/usb/snapshot --without-summary
              src-snapshot upload --bucket=./bucket --file=primary.sql,codeintel.sql \\
                --without-summary
              src-snapshot upload --bucket=$BUCKET --without-database=codeinsights
            """
    )

    @OptionGroup(title: "Bucket") var bucket: BucketOptions

    @Option(
        name: .goStyle("file"),
        help: ArgumentHelp("Only these files, comma-separated (default: all).", valueName: "files"),
        completion: .list(["primary.sql", "codeintel.sql", "codeinsights.sql", "summary.json"]))
    var file: String?

    @Flag(name: .goStyle("without-summary"), help: "Upload without summary.json.")
    var withoutSummary = false

    @OptionGroup(title: "Gaps") var gaps: GapOptions

    @Flag(name: .goStyle("partial"), help: "Write manifest.json even if a database is missing.")
    var partial = false

    @Flag(
        name: .goStyle("gzip"),
        help: "Compress the dumps (primary.sql.gz). Faster when the network, not the CPU, is the bottleneck.")
    var gzip = false

    @Option(
        name: .goStyle("split"),
        help: ArgumentHelp(
            "Upload each dump in parts of this size, such as 1GiB, to import one by one. At least 16MiB.",
            valueName: "size"))
    var split: ByteCount?

    @Option(name: .goStyle("profile"), help: "Rewrite the dumps for this destination.")
    var profile: RewriteProfile = .cloudSQL

    @OptionGroup(title: "Transfer") var transfer: TransferOptions

    @Flag(name: .goStyle("start-over"), help: "Ignore the progress of earlier runs, and send everything.")
    var startOver = false

    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        if let split, split.bytes < 16 << 20 { throw ValidationError("--split must be 16MiB or more.") }
    }

    func run() async throws {
        let console = output.console
        let store = try bucket.store(console, transfer.options)
        let (databases, includesSummary) = try chosenFiles()
        var upload = UploadSnapshot(
            store: store, databases: databases, includesSummary: includesSummary, profile: profile,
            onEvent: console.show)
        upload.absent = gaps.absent
        upload.compresses = gzip
        upload.splitSize = split?.bytes
        upload.isPartial = partial
        upload.startsOver = startOver
        upload.isOfInstance = !withoutSummary
        upload.acceptsIncomplete = gaps.incomplete
        let manifest = try await withTaskCancellationHandler {
            try await upload.run()
        } onCancel: {
            guard store.isWriteOnce else { return }
            console.show(
                .notice(
                    .init(
                        .uploadStopping,
                        "Stopping after the parts in flight\(console.remaining(atMost: transfer.inFlight)). Press "
                            + "Ctrl-C again to stop now; only those parts will be sent again.",
                        ["bytes": .init(transfer.inFlight)])))
        }
        console.show(result: manifest)
        if output.json { return }
        var table = TextTable(["object", "size", "rows", "changes", "sha256"], rightAligned: [1, 2, 3])
        for entry in manifest.databases {
            table.add([
                entry.name, Quantity.bytes(entry.size), Quantity.count(entry.contents.rows),
                Quantity.count(entry.contents.rewrites.count),
                entry.parts.count == 1 ? shown(entry.parts[0].object.sha256) : "in manifest.json",
            ])
        }
        for file in manifest.files { table.add([file.name, Quantity.bytes(file.size), "", "", shown(file.sha256)]) }
        output.print(table.text)
        if manifest.missing.isEmpty {
            output.advise("Next: tell whoever migrates you that the snapshot in \(store.location) is complete.")
        }
    }

    /// For a person, as much as tells two apart; whoever keeps the output gets all of it.
    private func shown(_ sha256: String?) -> String {
        sha256.map { isatty(STDOUT_FILENO) == 1 ? $0.prefix(12) + "…" : $0 } ?? "-"
    }

    private func chosenFiles() throws -> ([Database], Bool) {
        guard let file else { return (Database.allCases, !withoutSummary) }
        var databases: [Database] = []
        var includesSummary = false
        for name in file.split(separator: ",").map(String.init) {
            if name == "summary.json" {
                includesSummary = true
            } else if let database = Database.allCases.first(where: { $0.acceptedDumpNames.contains(name) }) {
                if !databases.contains(database) { databases.append(database) }
            } else {
                throw MigrationError(
                    .usage, "--file: `\(name)` is not a file of a snapshot.",
                    next: "Choose from primary.sql, codeintel.sql, codeinsights.sql and summary.json."
                )
            }
        }
        guard !databases.isEmpty || includesSummary else {
            throw MigrationError(
                .usage, "--file is empty.",
                next: "Choose from primary.sql, codeintel.sql, codeinsights.sql and summary.json."
            )
        }
        return (databases, includesSummary && !withoutSummary)
    }
}
