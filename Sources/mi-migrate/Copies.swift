import ArgumentParser
import MigrationKitCommandSupport

/// `mi-migrate copies`
struct Copies: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "copies",
        abstract: "List the copies of databases that migrations keep on the server, or remove them.",
        discussion: """
            Before an upgrade, and with --backup before an import, the databases are copied: on Cloud SQL as a backup of \
            the instance, elsewhere as databases beside them. They stay until they are removed here, and take as much \
            room as the databases. After that, `mi-migrate restore` has nothing to restore.

            Examples:
              mi-migrate copies                    # what there is, and how large
              mi-migrate copies --remove           # asks first
            """
    )

    @OptionGroup(title: "Migration") var settings: SettingsOptions

    @OptionGroup var lock: LockOptions

    @OptionGroup(visibility: .hidden) var access: AccessOptions

    @OptionGroup(visibility: .hidden) var audit: AuditOptions

    @OptionGroup(visibility: .hidden) var database: DatabaseOptions

    @OptionGroup(visibility: .hidden) var options: ImportOptions

    @OptionGroup(visibility: .hidden) var server: ServerOptions

    @Flag(name: .goStyle("remove"), help: "Remove all of them.")
    var remove = false

    @Flag(name: .goStyle("yes"), help: "Do not ask before they are removed.")
    var yes = false

    @OptionGroup(title: "Output") var output: OutputOptions

    func run() async throws {
        let console = output.console
        let target = try await MigrationTarget(settings.settings(console, access.flags), looks: !remove, console)
        let server = target.importer.serverName
        let flow = DatabaseCopies(
            importer: target.importer, journal: target.journal,
            confirm: { [yes, output] copies in
                output.warn("\(server):\n\(Self.table(copies))")
                return try Confirmation.given(
                    yes: yes, server, fate: "The copies on \(server) would be removed")
            }, onEvent: console.show)
        guard remove else {
            let copies = try await flow.list()
            console.show(result: copies)
            guard !copies.isEmpty else { return output.advise("No copies are kept on \(server).") }
            output.print(Self.table(copies))
            return output.advise("To remove them: \(NextCommand.line("mi-migrate copies --remove"))")
        }
        let removed = try await flow.remove(takingOver: lock.takeOver)
        console.show(result: removed)
        output.advise(
            removed.isEmpty
                ? "No copies are kept on \(server)."
                : "Removed from \(server): \(removed.map(\.description).joined(separator: ", ")).")
    }

    static func table(_ copies: [DatabaseCopy]) -> String {
        var table = TextTable(["copy", "size", "made", "contents"], rightAligned: [1])
        for copy in copies {
            table.add(
                [
                    copy.name, copy.size.map(Quantity.bytes) ?? "-", copy.createdAt.map(TimeText.minutes) ?? "-",
                    copy.contents,
                ].map(\.printable))
        }
        return table.text
    }
}
