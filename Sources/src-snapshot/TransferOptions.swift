import ArgumentParser
import MigrationKitCommandSupport

/// How objects are sent to a Google bucket.
struct TransferOptions: ParsableArguments {
    @Option(name: .goStyle("max-rate"), help: "No more than this, such as 50MB/s or 200Mbit/s.")
    var maxRate: TransferRate?

    @Option(name: .goStyle("part-size"), help: "Size of a part in MiB, from 5; larger where an object needs it.")
    var partSize = 32

    @Option(name: .goStyle("parallel"), help: "How many parts are on their way at once, 1 to 64.")
    var parallel = 8

    @Option(name: .goStyle("retry-for"), help: "Seconds without progress after which it is given up.")
    var retryFor = 900

    func validate() throws {
        if !(5...5120).contains(partSize) { throw ValidationError("--part-size has to be 5 to 5120 (MiB).") }
        if !(1...64).contains(parallel) { throw ValidationError("--parallel has to be 1 to 64.") }
        if retryFor < 0 { throw ValidationError("--retry-for has to be a number of seconds.") }
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
