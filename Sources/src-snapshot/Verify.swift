import ArgumentParser
import MigrationKitCommandSupport

/// `src-snapshot verify`
struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Reads a snapshot again and holds it against its manifest.",
        discussion: """
            Sizes, CRC32C, SHA-256, the dumps' trailers, and every table's rows and content digest are computed anew.

            Examples:
              src-snapshot verify -bucket=./bucket
              src-snapshot verify -bucket=gs://bucket/prefix -credentials=reader.json
              src-snapshot verify                     # the dumps in src-snapshot/, against what --run noted of them

            Exit status: 0 all is as it was written, 4 it is not, 1 it could not be read.
            """
    )

    @Option(
        name: .goStyle("bucket"),
        help: "A Google bucket or a folder, as for upload; left out: the dumps in src-snapshot/.")
    var bucket: String?

    @Option(name: .goStyle("credentials"), help: "Google credentials that may read the bucket: a file of JSON.")
    var credentials: String?

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let console = output.console
        if let bucket {
            let store = try BucketOptions.store(bucket, credentials, console)
            console.show(result: try await VerifySnapshot(store: store, onEvent: console.show).run().manifest)
        } else {
            console.show(result: try await VerifyDumps(onEvent: console.show).run())
        }
        output.advise("All is as it was written.")
    }
}
