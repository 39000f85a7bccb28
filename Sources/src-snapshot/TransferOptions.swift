import ArgumentParser
import MigrationKitCommandSupport

/// How objects are sent to a Google bucket.
struct TransferOptions: ParsableArguments {
    @OptionGroup var link: LinkOptions

    @Option(
        name: .goStyle("part-size"),
        help: ArgumentHelp(
            "Size of the parts that are sent at once, 5MiB to 5GiB. Large objects get larger parts if they need them "
                + "(default: 32MiB).", valueName: "size"), transform: Self.partSize)
    var partSize: ByteCount?

    @Option(
        name: .goStyle("parallel"),
        help: ArgumentHelp("How many parts to upload at once, 1 to 64.", valueName: "parts"))
    var parallel = 8

    func validate() throws {
        if let partSize, !(5 << 20...5 << 30).contains(partSize.bytes) {
            throw ValidationError("--part-size must be 5MiB to 5GiB.")
        }
        if !(1...64).contains(parallel) { throw ValidationError("--parallel must be 1 to 64.") }
    }

    /// A bare number has always meant MiB here.
    private static func partSize(_ text: String) throws -> ByteCount {
        let isNumber = !text.isEmpty && text.allSatisfy { $0.isASCII && $0.isNumber }
        guard let size = ByteCount(argument: isNumber ? "\(text)MiB" : text) else {
            throw ValidationError("Write a number and a unit, such as 32MiB.")
        }
        return size
    }

    /// As many bytes as can be on their way.
    var inFlight: Int64 { options.partSize * Int64(options.parallelParts) }

    var options: GoogleCloudStorage.Options {
        var options = link.options
        // The store takes multiples of this.
        if let partSize { options.partSize = (partSize.bytes >> 18) << 18 }
        options.parallelParts = parallel
        return options
    }
}
