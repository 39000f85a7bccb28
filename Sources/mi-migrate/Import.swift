import ArgumentParser
import Foundation
import MigrationKit

/// `mi-migrate import`
struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Loads a snapshot into a PostgreSQL server and proves that it holds what was dumped.",
        discussion: """
            The bucket is verified first, whole. Then the databases pgsql, codeintel-db and codeinsights-db are dropped \
            and made anew, loaded, and every table's rows and content digest are read back and compared.

            The role needs CREATEDB and no superuser. Its password comes from PGPASSWORD or ~/.pgpass.

            Examples:
              PGPASSWORD=… mi-migrate import --bucket=./bucket --into=postgres://admin@db.example.com/postgres
              mi-migrate import --bucket=gs://bucket --credentials=reader.json --into=postgres://admin@localhost/postgres
              mi-migrate import --bucket=./bucket --into='postgres:///postgres?host=/var/run/postgresql' --yes
              mi-migrate import --bucket=./bucket --into=postgres://admin@localhost/postgres --database=codeintel --yes
            """
    )

    @OptionGroup var bucket: BucketOptions

    @Option(name: .goStyle("into"), help: "The server: postgres://user@host:port/postgres.")
    var into: String

    @Option(name: .goStyle("database"), help: "Only these databases, separated by commas.")
    var database: DatabaseList = DatabaseList(Database.allCases)

    @Flag(name: .goStyle("yes"), help: "Do not ask before the databases are dropped.")
    var yes = false

    @Flag(name: .goStyle("terminate-connections"), help: "End other sessions in the databases that are dropped.")
    var terminateConnections = false

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let uri = try PostgresURI(into)
        if uri.password != nil {
            output.advise(
                "warning: the password in --into can be seen in the process list; set PGPASSWORD or use ~/.pgpass instead."
            )
        }
        let importer = PostgresImporter(uri: uri)
        let console = output.console
        let proofs = try await ImportSnapshot(
            store: try bucket.store(console), importer: importer, databases: database.databases,
            terminatesConnections: terminateConnections, confirm: { try confirm($0, server: importer.serverName) },
            onEvent: console.show
        ).run()
        console.show(result: proofs)
        if output.json { return }
        print(Self.table(proofs))
        let proven =
            proofs.contains(where: \.countsOnly)
            ? "as many rows as the dumps; their content could not be compared, for want of a manifest."
            : "exactly the rows that were dumped."
        output.advise("\(importer.serverName) holds \(proven)")
    }

    private func confirm(_ state: DestinationState, server: String) throws -> Bool {
        if state.existing.isEmpty {
            output.advise("\(server): none of the databases is there yet.")
        } else {
            var table = TextTable(["will be dropped", "size", "rows (about)"], rightAligned: [1, 2])
            for one in state.existing {
                table.add([one.name, Quantity.bytes(one.size), one.rows.map(Quantity.count) ?? "-"])
            }
            output.advise("\(server):\n\(table.text)")
        }
        if yes { return true }
        guard isatty(STDIN_FILENO) == 1 else {
            throw MigrationError(
                .usage, "The databases of \(server) would be dropped, and there is no terminal to ask at.",
                next: "Add --yes if that is what you want. Nothing was changed."
            )
        }
        FileHandle.standardError.write(Data("Type the server's name, \(server), to go on: ".utf8))
        return readLine() == server
    }

    private static func table(_ proofs: [ContentProof]) -> String {
        var table = TextTable(["database", "table", "rows dumped", "rows imported", "content"], rightAligned: [2, 3])
        for proof in proofs {
            for one in proof.tables {
                table.add([
                    proof.database.importedName, one.table.description, Quantity.count(one.dumped),
                    one.imported.map(Quantity.count) ?? "-", proof.countsOnly ? "not compared" : "equal",
                ])
            }
        }
        return table.text
    }
}
