import ArgumentParser
import MigrationKitCommandSupport

/// How an import works. What it works on is said by ``SettingsOptions``.
struct ImportOptions: ParsableArguments {
    static let mostJobs = 64

    @Option(
        name: .goStyle("jobs"),
        help: ArgumentHelp(
            "How many sessions load and compare at the same time, with --into or --connection (default: the cores of "
                + "a Cloud SQL instance, or of this machine if the server is reached by a socket; otherwise 4).",
            valueName: "number"))
    var jobs: Int?

    @Flag(name: .goStyle("backup"), help: "Back up the databases before anything is dropped.")
    var backup = false

    @Flag(
        name: .goStyle("read-objects"),
        help: """
            Before anything is dropped, read every object completely, not only its checksum, its first and its last \
            bytes.
            """)
    var readObjects = false

    @Option(
        name: .goStyle("incomplete"),
        help: ArgumentHelp(
            "Import dumps that lack rows, tables or indexes, and record why: --incomplete='REASON'.",
            valueName: "reason"))
    var incomplete: String?

    @Flag(
        name: .goStyle("start-over"),
        help: """
            Ignore what earlier runs have done, and import from scratch. The databases of a finished migration are \
            dropped only then, once the destination's name is typed or given by --confirm.
            """)
    var startOver = false

    func validate() throws {
        if incomplete?.contains(where: { $0.isLetter }) == false {
            throw ValidationError("--incomplete needs a reason.")
        }
        if let jobs, !(1...Self.mostJobs).contains(jobs) {
            throw ValidationError("--jobs must be 1 to \(Self.mostJobs).")
        }
    }

    func apply(to flow: inout ImportSnapshot) {
        flow.backsUp = backup
        flow.readsObjects = flow.readsObjects || readObjects
        flow.startsOver = startOver
        flow.acceptsIncomplete = incomplete
    }
}

/// Which databases of a snapshot.
struct DatabaseOptions: ParsableArguments {
    @Option(
        name: .goStyle("database"),
        help: ArgumentHelp("Only these databases, comma-separated (default: all).", valueName: "databases"))
    var database: DatabaseList?
}

/// How a server is treated whose databases are dropped.
struct ServerOptions: ParsableArguments {
    @Flag(name: .goStyle("terminate-connections"), help: "Terminate other sessions in the databases that are dropped.")
    var terminateConnections = false

    @Option(
        name: .goStyle("settle"),
        help: ArgumentHelp(
            "If Cloud SQL's reply is lost, how long to wait for the operation to appear in its list "
                + "(default: 15s).",
            valueName: "duration"), transform: ArgumentDuration.orSeconds)
    var settle = ArgumentDuration(.seconds(15))
}

/// Whether another run is pushed aside.
struct LockOptions: ParsableArguments {
    @Flag(name: .goStyle("take-over"), help: "Break the lock of another run. Make sure that it is dead.")
    var takeOver = false
}
