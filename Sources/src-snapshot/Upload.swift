import ArgumentParser
import MigrationKit

/// `src-snapshot upload`
struct Upload: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Puts the dumps and summary.json in a bucket, manifest.json last.",
        discussion: """
            The dumps are rewritten for Cloud SQL on the way: statements that it cannot take are commented out, data \
            and function bodies stay as they are, and your files stay untouched. manifest.json lists every change.

            Examples:
              src-snapshot upload -bucket=./bucket
              src-snapshot upload -bucket=file:///mnt/usb/snapshot --without-summary
              src-snapshot upload -bucket=./bucket -file=primary.sql,codeintel.sql --without-summary
            """
    )

    @Option(name: .goStyle("bucket"), help: "A folder (a value with a slash, or file://…). Google buckets: not yet.")
    var bucket: String

    @Option(name: .goStyle("file"), help: "Only these files, separated by commas; the default is all of them.")
    var file: String?

    @Flag(name: .goStyle("without-summary"), help: "Do without summary.json.")
    var withoutSummary = false

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let store = try BucketLocation(bucket).store()
        let (databases, includesSummary) = try chosenFiles()
        let console = output.console
        let manifest = try await UploadSnapshot(
            store: store, databases: databases, includesSummary: includesSummary, onEvent: console.show
        ).run()
        console.show(result: manifest)
        if output.json { return }
        var table = TextTable(["object", "size", "rows", "changes", "sha256"], rightAligned: [1, 2, 3])
        for entry in manifest.databases {
            table.add([
                entry.object.name, Quantity.bytes(entry.object.size), Quantity.count(entry.contents.rows),
                Quantity.count(entry.contents.rewrites.count), entry.object.sha256,
            ])
        }
        for file in manifest.files { table.add([file.name, Quantity.bytes(file.size), "", "", file.sha256]) }
        print(table.text)
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
