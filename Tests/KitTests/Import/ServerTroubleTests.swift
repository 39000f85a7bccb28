import Testing

@testable import MigrationKit
@testable import MigrationKitBase

/// What says nothing against a dump is told apart from a refusal of it.
@Suite struct ServerTroubleTests {
    private static let told: [(String, ServerTrouble)] = [
        (
            "psql: error: connection to server at \"::1\", port 5432 failed: FATAL:  sorry, too many clients already",
            .noMoreSessions
        ),
        ("psql: error: FATAL:  too many connections for database \"pgsql\"", .noMoreSessions),
        ("psql: error: FATAL:  too many connections for role \"app\"", .noMoreSessions),
        (
            "psql: error: FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute",
            .noMoreSessions
        ),
        (
            "psql: error: connection to server at \"127.0.0.1\", port 1 failed: Connection refused",
            .refusedConnection
        ),
        ("psql: error: could not connect to server: Connection refused", .refusedConnection),
        ("psql: error: FATAL:  the database system is in recovery mode", .notReady),
        ("psql: error: FATAL:  the database system is not yet accepting connections", .notReady),
        ("psql:<stdin>:7: FATAL:  terminating connection due to administrator command", .endedSession),
        ("psql:<stdin>:7: WARNING:  terminating connection because of crash of another server process", .endedSession),
        ("psql:<stdin>:7: server closed the connection unexpectedly", .endedSession),
        ("psql:<stdin>:7: error: connection to server was lost", .endedSession),
        ("psql:<stdin>:7: error: could not receive data from server: Connection reset by peer", .endedSession),
        ("psql:<stdin>:7: ERROR:  deadlock detected", .deadlock),
        ("psql:<stdin>:7: ERROR:  canceling statement due to lock timeout", .lockTimeout),
        ("psql:<stdin>:7: ERROR:  canceling statement due to user request", .canceled),
        ("psql:<stdin>:7: ERROR:  out of shared memory", .noMoreLocks),
        ("psql:<stdin>:7: ERROR:  out of memory", .outOfMemory),
        ("psql:<stdin>:7: ERROR:  could not extend file \"base/5/16385\": No space left on device", .diskFull),
        (
            "psql:<stdin>:7: ERROR:  could not write to file \"base/pgsql_tmp/pgsql_tmp9.0\": No space left on device",
            .diskFull
        ),
        ("psql:<stdin>:7: ERROR:  temporary file size exceeds \"temp_file_limit\" (1024kB)", .temporaryFileLimit),
        // As Google tells of it.
        ("stderr: ERROR: deadlock detected", .deadlock),
    ]

    @Test func everyKindIsKnownByTheServersWords() {
        for (line, trouble) in Self.told { #expect(ServerTrouble(line) == trouble, "\(line)") }
        #expect(Set(Self.told.map(\.1)) == Set(ServerTrouble.allCases))
    }

    @Test(arguments: [
        "psql:<stdin>:7: ERROR:  invalid input syntax for type integer: \"ERROR:  deadlock detected\"",
        "psql:<stdin>:7: ERROR:  invalid input syntax for type integer: \"out of memory\"",
        "psql:<stdin>:7: ERROR:  invalid input syntax for type integer: \"a: No space left on device\"",
        "psql:<stdin>:7: ERROR:  could not create unique index \"too many clients\"",
        "CONTEXT:  COPY t, line 1, column a: \"server closed the connection\"",
        "server closed the connection unexpectedly", "",
    ])
    func wordsInRowsAndNamesAreNone(line: String) {
        #expect(ServerTrouble(line) == nil)
    }

    @Test func firstErrorCountsAndNotWhatFollowsIt() {
        let refused = CommandOutcome(
            exitStatus: 3, lastLines: ["psql:<stdin>:9: server closed the connection unexpectedly"],
            firstError: ["psql:<stdin>:7: ERROR:  no such type", "CONTEXT: ERROR:  deadlock detected"])
        #expect(ServerTrouble(refused) == nil)
        let lost = CommandOutcome(
            exitStatus: 2, lastLines: ["NOTICE:  a", "psql:<stdin>:9: server closed the connection unexpectedly"],
            firstError: [])
        #expect(ServerTrouble(lost) == .endedSession)
    }

    @Test(arguments: ServerTrouble.allCases)
    func everyErrorSaysWhatToDoAndIsKnownAgain(trouble: ServerTrouble) throws {
        let line = try #require(Self.told.first { $0.1 == trouble }).0
        let error = trouble.error(
            "Loading primary.sql:7", on: "db", CommandOutcome(exitStatus: 3, lastLines: [], firstError: [line]))
        #expect(error.message.contains("db") && error.next?.isEmpty == false)
        #expect(ServerTrouble(of: error)?.sqlState == trouble.sqlState)
        #expect(ServerTrouble(of: error)?.isTransient == trouble.isTransient)
    }
}
