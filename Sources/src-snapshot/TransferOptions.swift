import ArgumentParser
import MigrationKitCommandSupport

/// How objects are sent to a Google bucket.
struct TransferOptions: ParsableArguments {
    @Option(
        name: .goStyle("max-rate"),
        help: ArgumentHelp("Limit the upload to this rate, such as 50MB/s or 200Mbit/s.", valueName: "rate"))
    var maxRate: TransferRate?

    @Option(
        name: .goStyle("part-size"),
        help: ArgumentHelp(
            "Part size in MiB, 5 to 5120. Large objects get larger parts if they need them.", valueName: "MiB"))
    var partSize = 32

    @Option(
        name: .goStyle("parallel"),
        help: ArgumentHelp("How many parts to upload at once, 1 to 64.", valueName: "parts"))
    var parallel = 8

    @Option(
        name: .goStyle("retry-for"),
        help: ArgumentHelp("Give up after this many seconds without progress.", valueName: "seconds"))
    var retryFor = 900

    func validate() throws {
        if !(5...5120).contains(partSize) { throw ValidationError("--part-size must be 5 to 5120 (MiB).") }
        if !(1...64).contains(parallel) { throw ValidationError("--parallel must be 1 to 64.") }
        if retryFor < 0 { throw ValidationError("--retry-for must be a number of seconds.") }
    }

    var options: GoogleCloudStorage.Options {
        var options = GoogleCloudStorage.Options()
        options.partSize = Int64(partSize) << 20
        options.parallelParts = parallel
        options.retry.patience = .seconds(retryFor)
        options.rate = maxRate
        return options
    }
}
