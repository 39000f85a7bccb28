import ArgumentParser
import MigrationKitCommandSupport
import SystemPackage

/// `src-snapshot databases`
struct Databases: AsyncParsableCommand, ContinuedCommand {
    static let configuration = CommandConfiguration(
        commandName: "databases",
        abstract: "Print the commands that dump the three databases, or run them.",
        discussion: """
            Without --run, prints one command per database to paste into a shell. With --run, runs all of them at \
            once; a dump appears in src-snapshot/ only if it is complete, and replaces one that is there.

            Examples:
              src-snapshot databases docker
              src-snapshot databases docker --run
              src-snapshot databases kubectl --targets=helm --run
              src-snapshot databases pg_dump --targets=targets.yaml --run

            A targets file (mode 0600, because it contains passwords):
              primary:                   # or pgsql
                target: db.example.com   # docker: container; kubectl: pod or workload
                dbname: sg
                username: sg
                password: secret
                port: 5432               # this line and the lines below are optional
                sslmode: require
                namespace: sourcegraph   # kubectl only
                container: pgsql         # kubectl only
              codeintel: …               # Sourcegraph 3.21 and later
              codeinsights: …            # 3.25 and later, unless it is disabled

            Built-in targets: local, docker, k8s, helm, k8s-deployments.
            """
    )

    @OptionGroup(title: "Databases") var source: DumpOptions

    @Flag(name: .goStyle("run"), help: "Run the commands.")
    var run = false

    @Flag(name: .goStyle("ignore-free-space"), help: "Dump even if the disk seems too small.")
    var ignoreFreeSpace = false

    @Flag(name: .goStyle("force"), help: "Replace dumps that are there without asking.")
    var force = false

    @OptionGroup(title: "Output") var output: OutputOptions

    var unnamed: [String] { [source.builder.rawValue] }

    func run() async throws {
        let console = output.console
        let dumpers = try source.dumpers(console)
        if run { try await dump(dumpers, console) } else { printCommands(dumpers, console) }
    }

    private func printCommands(_ dumpers: [PgDump], _ console: Console) {
        let folder = SnapshotFolder().path
        let lines = dumpers.map { dumper in
            "(umask 077; mkdir -p \(folder) && \(dumper.command.dump.shellLine) > \(folder)/\(dumper.database.dumpName))"
        }
        console.show(result: zip(dumpers, lines).map { ["database": $0.database.rawValue, "command": $1] })
        for line in lines { output.printUnredacted(line) }
        output.advise(
            "These lines contain the database passwords. Paste them into a shell, or use --run, which also checks that "
                + "each dump is complete. \(Self.next)")
    }

    private static let next = "Next: src-snapshot summary, then src-snapshot upload --bucket=BUCKET"

    /// Asks before dumps are replaced: somebody may not have uploaded them yet.
    private func confirmReplacing(_ databases: [Database]) throws {
        let folder = SnapshotFolder()
        let files = databases.map { folder.path.appending($0.dumpName) }.filter { FileIdentity(path: $0) != nil }
        guard !files.isEmpty, !force else { return }
        let names = files.map(\.string).joined(separator: ", ")
        guard !output.json, Question.canBeAsked else {
            throw MigrationError(
                .usage, "\(names) would be replaced, and there is no terminal to confirm that on.",
                next: "If that is what you want, add --force. Nothing was changed.")
        }
        guard
            try Question.ask("\(names) will be replaced once the new dumps are complete. Continue? (yes, no)") == "yes"
        else { throw MigrationError(.usage, "Not confirmed. Nothing was changed.") }
    }

    private func dump(_ dumpers: [PgDump], _ console: Console) async throws {
        try confirmReplacing(dumpers.map(\.database))
        var flow = DumpDatabases(dumpers: dumpers, checksFreeSpace: !ignoreFreeSpace, onEvent: console.show)
        flow.takesReplicas = source.fromReplica
        let dumped = try await flow.run()
        console.show(result: dumped)
        if output.json { return }
        var table = TextTable(["database", "file", "size", "tables", "rows", "time"], rightAligned: [2, 3, 4, 5])
        for one in dumped {
            table.add([
                one.database.rawValue, one.path, Quantity.bytes(one.bytes),
                Quantity.count(one.contents.tables.count), Quantity.count(one.contents.rows),
                Quantity.duration(one.duration),
            ])
        }
        output.print(table.text)
        output.advise(Self.next)
    }
}
