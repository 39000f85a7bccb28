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

    /// - Parameter wait: The command's own option for how long an upload may stand still, by its name.
    func validate(_ name: String, _ wait: ArgumentDuration?) throws {
        if wait != nil, !follow { throw ValidationError("\(name) is for --follow.") }
    }

    func apply(to flow: inout ImportSnapshot, _ options: ImportOptions, _ wait: ArgumentDuration?) {
        flow.waitsForUpload = follow ? wait?.duration ?? .seconds(3600) : nil
        flow.readsFollowed = options.readObjects
    }

    static let waitHelp = ArgumentHelp(
        "With --follow, give up when nothing has arrived for this long (default: 1h).", valueName: "duration")
}
