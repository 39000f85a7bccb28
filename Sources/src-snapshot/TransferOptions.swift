import ArgumentParser
import MigrationKitCommandSupport

/// How objects are sent to a Google bucket.
struct TransferOptions: ParsableArguments {
    @OptionGroup var link: LinkOptions

    @Option(
        name: .goStyle("part-size"),
        help: ArgumentHelp(
            "Part size in MiB, 5 to 5120. Large objects get larger parts if they need them.", valueName: "MiB"))
    var partSize = 32

    @Option(
        name: .goStyle("parallel"),
        help: ArgumentHelp("How many parts to upload at once, 1 to 64.", valueName: "parts"))
    var parallel = 8

    func validate() throws {
        if !(5...5120).contains(partSize) { throw ValidationError("--part-size must be 5 to 5120 (MiB).") }
        if !(1...64).contains(parallel) { throw ValidationError("--parallel must be 1 to 64.") }
    }

    var options: GoogleCloudStorage.Options {
        var options = link.options
        options.partSize = Int64(partSize) << 20
        options.parallelParts = parallel
        return options
    }
}
