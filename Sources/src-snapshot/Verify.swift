import ArgumentParser
import MigrationKitCommandSupport

/// `src-snapshot verify`
struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Re-read a snapshot and verify it against its manifest.",
        discussion: """
            Recomputes sizes, CRC32C, SHA-256, the dumps' trailers, and every table's row count and content digest.

            Examples:
              src-snapshot verify --bucket=./bucket
              src-snapshot verify --bucket=gs://bucket/prefix --credentials=reader.json
              src-snapshot verify      # the dumps in src-snapshot/, as --run recorded them

            Exit status: 0 everything matches, 4 something does not, 1 the snapshot could not be read.
            """
    )

    @Option(
        name: .goStyle("bucket"),
        help: "A Google bucket or a folder, as for upload (default: the dumps in src-snapshot/).",
        completion: .directory)
    var bucket: String?

    @Option(
        name: .goStyle("credentials"),
        help: ArgumentHelp("Google credentials file (JSON) with read access to the bucket.", valueName: "file"),
        completion: .file())
    var credentials: String?

    @OptionGroup(title: "Output") var output: OutputOptions

    func run() async throws {
        let console = output.console
        if let bucket {
            let store = try BucketOptions.store(bucket, credentials, console)
            let manifest = try await VerifySnapshot(store: store, onEvent: console.show).run().manifest
            console.show(result: manifest)
            if let instant = manifest?.instant { output.advise(instant.sentence) }
            output.advise("Verified: every object matches the manifest.")
        } else {
            console.show(result: try await VerifyDumps(onEvent: console.show).run())
            output.advise("Verified: every dump matches what was recorded when it was written.")
        }
    }
}
