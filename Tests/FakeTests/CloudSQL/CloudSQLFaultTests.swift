import FakeGoogle
import NIOCore
import NIOHTTP1
import TestClusters
import TestSupport
import Testing

/// What the fake instance does wrong when it is told to.
@Suite(.inTurn) struct CloudSQLFaultTests {
    private static let rows = (1...2000).map { "\($0)\n" }.joined()
    private static let dump =
        "CREATE TABLE t (a int);\nCOPY t FROM stdin;\n\(rows)\\.\nCREATE TABLE u (a int);\nCOPY u FROM stdin;\n\(rows)\\.\n"

    @Test func killedImportLeavesWhatWasCommitted() async throws {
        try await CloudSQLClient.with { fake, _, client in
            fake.fault(operation: .killed(afterBytes: Self.rows.utf8.count + 1000))
            let error = try await client.importError(Self.dump)
            #expect(error.hasPrefix("signal: killed\nstdout"))
            #expect(try await fake.sql("SELECT count(*) FROM t; SELECT count(*) FROM u") == "2000\n0")
        }
    }

    @Test func cutOffImportIsSaidToHaveGoneWell() async throws {
        try await CloudSQLClient.with { fake, _, client in
            fake.fault(operation: .cutOff(afterBytes: Self.rows.utf8.count + 1000))
            #expect(try await client.importError(Self.dump) == "")
            let rows = try #require(Int(try await fake.sql("SELECT count(*) FROM u")))
            #expect(rows > 0 && rows < 2000)
        }
    }

    @Test func importCanBeCancelledWhileItIsHeld() async throws {
        try await CloudSQLClient.with { fake, _, client in
            fake.fault(operation: .held(afterBytes: Self.rows.utf8.count + 1000))
            let held = try await client.startImport(Self.dump)
            let name = held.json["name"]?.string ?? ""
            try await fake.waitUntil { $0.operations.contains { $0.status == .running } }
            #expect(try await client.send(.POST, "/operations/\(name)/cancel").status == 200)
            let done = try await client.done(held)
            #expect(done["error"]?["errors"]?.array?.first?["code"] == "ERROR_RDBMS")
            #expect(try await client.send(.POST, "/operations/\(name)/cancel").status == 400)
        }
    }

    @Test func operationFailsIsForgottenOrNotYetListed() async throws {
        try await CloudSQLClient.with { fake, _, client in
            fake.fault(operation: .fails())
            fake.fault(operation: .forgotten(afterLooks: 1))
            fake.fault(operation: .unlisted(lists: 1))
            let started = try await client.startImport("CREATE TABLE t ();")
            #expect(try await client.done(started)["error"]?["errors"]?.array?.first?["code"] == "INTERNAL_ERROR")
            #expect(try await fake.sql("SELECT to_regclass('t')") == "")
            #expect(try await client.send(.GET, "/operations").json["items"] == nil)
            #expect(try await client.send(.GET, "/operations").json["items"]?.array?.count == 1)
            let path = "/operations/\(started.json["name"]?.string ?? "")"
            #expect(try await client.send(.GET, path).status == 404)
            fake.fault(operation: .fails(), type: "CREATE_DATABASE")
            let failed = try await client.done(client.send(.POST, "databases", ["name": "x"]))
            #expect(failed["error"] != nil)
            #expect(try await client.send(.GET, "databases/x").status == 404)
        }
    }

    @Test func answersGoWrongAsTold() async throws {
        try await CloudSQLClient.with { fake, _, client in
            fake.fault(.status(503, retryAfter: 1), on: "databases.list", skip: 1)
            let before = try await client.send(.GET, "databases").status
            #expect(before == 200)
            #expect(try await client.refusal(.GET, "databases").hasPrefix("503 backendError"))
            for fault in [FakeCloudSQL.Fault.reset, .lostAnswer, .tornAnswer(afterBytes: 10)] {
                fake.fault(fault, on: "databases.insert")
                await #expect(throws: (any Error).self) {
                    try await client.send(.POST, "databases", ["name": .string("\(fault)")])
                }
            }
            // Those that were done are done once.
            #expect(fake.operations.map(\.database) == ["lostAnswer", "tornAnswer(afterBytes: 10)"])
            fake.fault(.answer("<html>"), on: "databases.list")
            #expect(try await client.send(.GET, "databases").json == .null)
            fake.fault(.stall, on: "instances.get")
            async let stalled = client.send(.GET, "/instances/sourcegraph-db")
            try await fake.waitUntil { $0.stalled == 1 }
            fake.releaseStalls()
            #expect(try await stalled.status == 200)
            #expect(fake.violations == [])
        }
    }

    @Test func requestThatGoogleDoesNotDescribeIsRefused() async throws {
        try await CloudSQLClient.with { fake, _, client in
            let unknownParameter = try await client.send(.GET, "databases?instanceId=x").status
            #expect(unknownParameter == 400)
            #expect(try await client.send(.POST, "databases", ["name": "x", "owner": "y"]).status == 400)
            #expect(try await client.send(.POST, "restart").status == 404)
            #expect(try await client.send(.GET, "/instances/other").status == 404)
            #expect(fake.violations.count == 3, "\(fake.violations)")
        }
    }
}
