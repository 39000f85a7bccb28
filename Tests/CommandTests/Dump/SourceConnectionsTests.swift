import Foundation
import LoopbackServers
import TestClusters
import TestSupport
import Testing

@testable import MigrationKit

/// How many connections a source has left, and whether it is there at all.
@Suite(.inTurn) struct SourceConnectionsTests {
    let place: RequirementsPlace

    init() async throws { place = try await RequirementsPlace() }

    private func refusal(_ dumper: PgDump, needed: Int = 1) async throws -> MigrationError {
        try await #require(throws: MigrationError.self) { _ = try await DumpPreflight(dumper, needed: needed) }
    }

    // MARK: Free connections

    @Test func limitOfTheServerIsTold() async throws {
        let free = try await DumpPreflight(place.dumper("sg")).freeConnections
        #expect(free > 0)
        let error = try await refusal(place.dumper("sg"), needed: 100_000)
        #expect(error.code == .unmetRequirement)
        let limit = try await place.postgres.source.sql("SHOW max_connections")
        #expect(error.message.hasPrefix("The server of primary has too few free connections: 100000 needed, "))
        #expect(error.message.contains("(max_connections is \(limit), "), "\(error)")
        #expect(error.next?.contains("End sessions") == true)
    }

    @Test func whoHoldsTheConnectionsIsTold() async throws {
        try await place.with("") { name in
            try await place.withRole(in: name, "CONNECTION LIMIT 3") { role in
                let dumper = place.dumper(name, as: role)
                #expect(try await DumpPreflight(dumper, needed: 3).freeConnections == 3)
                try await place.postgres.source.holding("SELECT 1", in: name, as: role) {
                    #expect(try await DumpPreflight(dumper, needed: 2).freeConnections == 2)
                    let error = try await refusal(dumper, needed: 3)
                    #expect(
                        error.message.hasSuffix(
                            "3 needed, 2 free (the role's CONNECTION LIMIT is 3, 1 are in use)."), "\(error)")
                    #expect(error.details.contains("1 held by role \(role), test"), "\(error.details)")
                }
            }
        }
    }

    @Test func limitOfTheDatabaseCounts() async throws {
        try await place.with("") { name in
            try await place.withRole(in: name) { role in
                let quoted = name.replacing("\"", with: "\"\"")
                try await place.postgres.source.sql("ALTER DATABASE \"\(quoted)\" CONNECTION LIMIT 2")
                let error = try await refusal(place.dumper(name, as: role), needed: 3)
                #expect(error.message.contains("the database's CONNECTION LIMIT is 2, 0 are in use"), "\(error)")
                // Superusers are not held to it.
                #expect(try await DumpPreflight(place.dumper(name), needed: 3).freeConnections >= 3)
            }
        }
    }

    @Test func serverWithoutAFreeConnectionIsToldAsThat() async throws {
        try await place.with("") { name in
            try await place.withRole(in: name, "CONNECTION LIMIT 0") { role in
                let error = try await refusal(place.dumper(name, as: role))
                #expect(error.code == .unmetRequirement)
                #expect(error.message == "The server of primary has no free connection.")
                #expect(error.details.contains { $0.contains("too many connections for role") }, "\(error.details)")
                let found = try await DatabaseRequirements(place.dumper(name, as: role)).check()
                #expect(found.failed == ["reachable"])
            }
        }
    }

    // MARK: Restarts

    @Test func serverThatShutsDownIsWaitedForAMinute() async throws {
        try await ScratchReplica.with { servers in
            let (primary, time) = (servers.primary, ManualTime())
            let target = DatabaseTarget(
                target: "127.0.0.1", dbname: "postgres", username: "sg", password: Secret(primary.password),
                port: primary.port)
            let dumper = PgDump(.primary, transport: .pgDump, target: target)
            // It takes nobody any more, and goes on for those who are connected.
            try await primary.holding("SELECT 1", in: "postgres") {
                let file = "pg_read_file('postmaster.pid')"
                let server = try #require(Int32(try await primary.sql("SELECT split_part(\(file), E'\\n', 1)")))
                kill(server, SIGTERM)
                try await waitUntil("a server that shuts down") { (try? await primary.sql("SELECT 1")) == nil }
                let (notices, noticed) = AsyncStream.makeStream(of: String.self)
                let asked = Task {
                    try await time.ruling { try await DumpPreflight(dumper) { noticed.yield($0.text) }.serverMajor }
                }
                for await notice in notices {
                    #expect(notice == "The server of primary is shutting down: waiting up to 60 s.")
                    break
                }
                time.advance(by: .seconds(61))
                let error = try await #require(throws: MigrationError.self) { _ = try await asked.value }
                #expect(error.code == .unreachable)
                #expect(
                    error.message == "The server of primary is shutting down, and was not ready within 60 s.",
                    "\(error)")
                #expect(error.details.contains { $0.contains("the database system is shutting down") })
            }
        }
    }

    /// The second has come back before anybody could ask whether it is ready: there is nothing to wait for.
    @Test(arguments: [
        (
            states: [
                "FATAL:  the database system is shutting down", "Connection refused",
                "FATAL:  the database system is starting up",
            ],
            doing: "shutting down"
        ), (states: ["FATAL:  das Datenbanksystem nimmt noch keine Verbindungen an"], doing: nil),
    ])
    func serverThatComesBackIsDumped(states: [String], doing: String?) async throws {
        let workplace = try await Workplace()
        try workplace.writeTargets()
        let failed = "psql: error: connection to server at \"127.0.0.1\", port 5432 failed:"
        let cases = states.enumerated().map { "\($0)) echo '\(failed) \($1)' >&2; exit 2 ;;" }
        try workplace.standIn(
            "psql",
            script: """
                asked=$(cat asked 2>/dev/null || echo 0)
                echo $((asked + 1)) >asked
                case $asked in
                \(cases.joined(separator: "\n"))
                esac
                exec '\(workplace.postgres.bin)/psql' "$@"
                """)
        let dumped = try await workplace.snapshot(
            "databases", "pg_dump", "--targets=targets.yaml", "--only=codeinsights", "--run")
        #expect(dumped.exit == 0, "\(dumped.errors)")
        let told = dumped.errors.split(separator: "\n").filter { $0.contains("waiting up to") }
        #expect(told.count == (doing == nil ? 0 : 1), "\(dumped.errors)")
        if let doing {
            let notice = "The server of codeinsights is \(doing): waiting up to 60 s."
            #expect(dumped.errors.contains(notice), "\(dumped.errors)")
        }
        #expect(workplace.folder.exists("src-snapshot/codeinsights.sql"))
    }

    @Test func replicaThatLetsNobodyInIsNotWaitedFor() async throws {
        let workplace = try await Workplace()
        try workplace.writeTargets()
        try workplace.standIn(
            "psql",
            script: """
                echo 'psql: error: FATAL:  the database system is not accepting connections' >&2
                echo 'DETAIL:  Hot standby mode is disabled.' >&2
                exit 2
                """)
        let dumped = try await workplace.snapshot(
            "databases", "pg_dump", "--targets=targets.yaml", "--only=codeinsights", "--run")
        #expect(dumped.exit == 3)
        #expect(dumped.errors.contains("error: Connecting to codeinsights failed"), "\(dumped.errors)")
        #expect(dumped.errors.contains("Hot standby mode is disabled."))
        #expect(!dumped.errors.contains("waiting up to"), "\(dumped.errors)")
    }
}
