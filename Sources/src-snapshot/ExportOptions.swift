import ArgumentParser
import MigrationKitCommandSupport

/// How `run` reads the databases, and what they become in the bucket.
struct ExportOptions: ParsableArguments {
    @Option(
        name: .goStyle("jobs"),
        help: ArgumentHelp("How many connections read rows at once, 1 to 64.", valueName: "connections"))
    var jobs = 4

    @Option(
        name: .goStyle("lock-timeout"),
        help: ArgumentHelp(
            "Give up if a table stays locked by others for this long (default: 1m).", valueName: "duration"),
        transform: ArgumentDuration.orSeconds)
    var lockTimeout = ArgumentDuration(.seconds(60))

    @Option(
        name: .goStyle("part-size"),
        help: ArgumentHelp(
            "Size of the objects that a dump is stored in, 16MiB or more (default: 256MiB).", valueName: "size"))
    var partSize: ByteCount?

    @Flag(name: .goStyle("whole"), help: "Store each dump as one object, such as primary.sql.")
    var whole = false

    @Flag(
        name: .goStyle("gzip"),
        help: "Compress the objects. Faster when the network, not the CPU, is the bottleneck.")
    var gzip = false

    @Flag(name: .goStyle("keep-dumps"), help: "Write the dumps to src-snapshot/ as well.")
    var keepDumps = false

    @Option(name: .goStyle("profile"), help: "Rewrite the dumps for this destination.")
    var profile: RewriteProfile = .cloudSQL

    func validate() throws {
        if !(1...64).contains(jobs) { throw ValidationError("--jobs must be 1 to 64.") }
        if lockTimeout.duration < .seconds(1) { throw ValidationError("--lock-timeout must be 1s or longer.") }
        if let partSize, partSize.bytes < 16 << 20 { throw ValidationError("--part-size must be 16MiB or more.") }
    }

    func apply(to export: inout ExportSnapshot) {
        export.jobs = jobs
        export.lockTimeout = lockTimeout.duration
        if let partSize { export.partSize = partSize.bytes }
        if whole { export.partSize = nil }
        export.compresses = gzip
        export.keepsDumps = keepDumps
        export.profile = profile
    }
}
