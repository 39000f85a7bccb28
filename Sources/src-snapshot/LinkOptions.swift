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
        help: ArgumentHelp("Give up after this long without progress (default: 15m).", valueName: "duration"),
        transform: ArgumentDuration.orSeconds)
    var retryFor = ArgumentDuration(.seconds(900))

    var options: GoogleCloudStorage.Options {
        var options = GoogleCloudStorage.Options()
        options.retry.patience = retryFor.duration
        options.rate = maxRate
        return options
    }
}
