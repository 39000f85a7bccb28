import ArgumentParser
import MigrationKitCommandSupport

/// `src-snapshot upload`
struct Upload: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Puts the dumps and summary.json in a bucket, manifest.json last.",
        discussion: """
            The dumps are rewritten for Cloud SQL on the way: statements that it cannot take are commented out, data \
            and function bodies stay as they are, and your files stay untouched. manifest.json lists every change.

            A key for a Google bucket needs the role roles/storage.objectCreator and no more. What was stopped, by \
            whatever, goes on with the same command: what is stored already is not sent again. An object is done \
            when the store's own checksum of it agrees.

            With --split each dump becomes several objects, primary.00-extensions.sql to primary.30-indexes.sql. Each \
            is a dump by itself, which is loaded whole or not at all; imported in the order of their names they make \
            what the whole dump makes.

            Examples:
              src-snapshot upload -bucket=$BUCKET -credentials=$CREDENTIALS_FILE
              src-snapshot upload -bucket=gs://bucket/prefix --gzip --max-rate=50MB/s
              src-snapshot upload -bucket=gs://bucket/prefix --split=1GiB
              src-snapshot upload -bucket=./bucket
              src-snapshot upload -bucket=file:///mnt/usb/snapshot --without-summary
              src-snapshot upload -bucket=./bucket -file=primary.sql,codeintel.sql --without-summary
              src-snapshot upload -bucket=$BUCKET --without-database=codeinsights
            """
    )

    @OptionGroup var bucket: BucketOptions

    @Option(name: .goStyle("file"), help: "Only these files, separated by commas; the default is all of them.")
    var file: String?

    @Flag(name: .goStyle("without-summary"), help: "Do without summary.json.")
    var withoutSummary = false

    @Option(
        name: .goStyle("without-database"),
        help: "The instance does not have these: codeinsights where it is switched off. Old releases are known.")
    var withoutDatabase: DatabaseList?

    @Flag(name: .goStyle("partial"), help: "Write manifest.json though a database is missing.")
    var partial = false

    @Option(
        name: .goStyle("incomplete"),
        help: "Upload dumps that lack rows, tables or indexes, for this reason: --incomplete='REASON'.")
    var incomplete: String?

    @Flag(name: .goStyle("gzip"), help: "Compress the dumps: primary.sql.gz. For links that are slower than that.")
    var gzip = false

    @Option(
        name: .goStyle("split"),
        help: "Put each dump as parts of this size, such as 1GiB, to be imported one by one; from 16MiB.")
    var split: ByteCount?

    @Option(name: .goStyle("profile"), help: "What the dumps are rewritten for: cloud-sql or none.")
    var profile: RewriteProfile = .cloudSQL

    @OptionGroup var transfer: TransferOptions

    @Flag(name: .goStyle("start-over"), help: "Forget how far earlier runs were, and send everything.")
    var startOver = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if incomplete?.contains(where: { $0.isLetter }) == false {
            throw ValidationError("--incomplete needs a reason.")
        }
        if withoutDatabase?.databases.contains(.primary) == true {
            throw ValidationError("--without-database cannot be primary: every instance has that.")
        }
        if let split, split.bytes < 16 << 20 { throw ValidationError("--split has to be 16MiB or more.") }
    }

    func run() async throws {
        let console = output.console
        let store = try bucket.store(console, transfer.options)
        let (databases, includesSummary) = try chosenFiles()
        var upload = UploadSnapshot(
            store: store, databases: databases, includesSummary: includesSummary, profile: profile,
            onEvent: console.show)
        upload.absent = Set(withoutDatabase?.databases ?? [])
        upload.compresses = gzip
        upload.splitSize = split?.bytes
        upload.isPartial = partial
        upload.startsOver = startOver
        upload.isOfInstance = !withoutSummary
        upload.acceptsIncomplete = incomplete
        let manifest = try await withTaskCancellationHandler {
            try await upload.run()
        } onCancel: {
            guard store.isWriteOnce else { return }
            console.show(
                .notice(
                    "Stopping: what is on its way is finished first. A second Ctrl-C ends at once, and loses only that."
                ))
        }
        console.show(result: manifest)
        if output.json { return }
        var table = TextTable(["object", "size", "rows", "changes", "sha256"], rightAligned: [1, 2, 3])
        for entry in manifest.databases {
            table.add([
                entry.name, Quantity.bytes(entry.size), Quantity.count(entry.contents.rows),
                Quantity.count(entry.contents.rewrites.count),
                entry.parts.count == 1 ? entry.parts[0].object.sha256 ?? "-" : "in manifest.json",
            ])
        }
        for file in manifest.files { table.add([file.name, Quantity.bytes(file.size), "", "", file.sha256 ?? "-"]) }
        output.print(table.text)
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
                    .usage, "-file names `\(name)`.",
                    next: "Choose of primary.sql, codeintel.sql, codeinsights.sql and summary.json."
                )
            }
        }
        guard !databases.isEmpty || includesSummary else {
            throw MigrationError(
                .usage, "-file names no file.",
                next: "Choose of primary.sql, codeintel.sql, codeinsights.sql and summary.json."
            )
        }
        return (databases, includesSummary && !withoutSummary)
    }
}
