import ArgumentParser
import MigrationKitCommandSupport

/// Whether an import begins before its snapshot is complete.
struct FollowOptions: ParsableArguments {
    @Flag(
        name: .goStyle("follow"),
        help: """
            Begin while the customer's `src-snapshot run` is still uploading: load parts as they arrive, and go on with \
            the usual import once manifest.json is there. With --into or --connection.
            """)
    var follow = false

    @Option(
        name: .goStyle("wait"),
        help: ArgumentHelp(
            "With --follow, give up when nothing has arrived for this long (default: 1h).", valueName: "duration"))
    var wait: ArgumentDuration?

    func validate() throws {
        if wait != nil, !follow { throw ValidationError("--wait is for --follow.") }
    }

    func apply(to flow: inout ImportSnapshot, _ options: ImportOptions) {
        flow.waitsForUpload = follow ? wait?.duration ?? .seconds(3600) : nil
        flow.readsFollowed = options.readObjects
    }
}
