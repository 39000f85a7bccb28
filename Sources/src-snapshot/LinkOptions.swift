import ArgumentParser
import MigrationKitCommandSupport

/// How the way to the bucket is used.
struct LinkOptions: ParsableArguments {
    @Option(
        name: .goStyle("max-rate"),
        help: ArgumentHelp("Limit the upload to this rate, such as 50MB/s or 200Mbit/s.", valueName: "rate"))
    var maxRate: TransferRate?

    @Option(
        name: .goStyle("retry-for"),
        help: ArgumentHelp("Give up after this many seconds without progress.", valueName: "seconds"))
    var retryFor = 900

    func validate() throws {
        if retryFor < 0 { throw ValidationError("--retry-for must be a number of seconds.") }
    }

    var options: GoogleCloudStorage.Options {
        var options = GoogleCloudStorage.Options()
        options.retry.patience = .seconds(retryFor)
        options.rate = maxRate
        return options
    }
}
