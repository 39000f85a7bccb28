import Foundation
import TestSupport
import Testing

@testable import MigrationKitBase
@testable import MigrationKitCommandSupport

@Suite struct EventJSONTests {
    private func keys(_ event: MigrationEvent, _ progress: ProgressLine? = nil) throws -> [String: Any] {
        let object = try JSONSerialization.jsonObject(with: Data(EventJSON.line(event, progress).utf8))
        return try #require(object as? [String: Any])
    }

    @Test func everyEventIsOneLineWithItsKindAndTime() throws {
        let events: [MigrationEvent] = [
            .started("primary", total: 5), .advanced("primary", bytes: 3, detail: "users"),
            .finished("primary", summary: "done"),
            .failed("primary", MigrationError(.failed, "no\nwonder", next: "retry")),
            .notice("n"), .warning("w"),
        ]
        let kinds = try events.map { event in
            #expect(!EventJSON.line(event).contains("\n"))
            let keys = try keys(event)
            #expect(keys["time"] is String)
            return keys["event"] as? String
        }
        #expect(kinds == ["started", "advanced", "finished", "failed", "notice", "warning"])
    }

    @Test func linesAreAsTheSchemaHasThem() throws {
        let schema = try JSONSchema("event")
        let progress = ProgressLine(name: "primary", bytes: 3, total: 5, rate: 1)
        let error = MigrationError(.locked, "Another run is active.", next: "Wait for it.", details: ["since 12:00"])
        let lines = [
            EventJSON.beginning(of: "mi-migrate"), EventJSON.line(.started("primary", total: nil)),
            EventJSON.line(.started("primary", total: 5)),
            EventJSON.line(.advanced("primary", bytes: 3, detail: "users"), progress),
            EventJSON.line(.finished("primary", summary: "dumped")), EventJSON.line(.failed("primary", error)),
            EventJSON.line(.notice("n")), EventJSON.line(.warning("w")),
            EventJSON.line(OperatorSecret(what: "link", text: Secret("x"))), error.jsonLine,
        ]
        for line in lines { #expect(schema.problems(of: line) == [], "\(line)") }
        for line in ["{}", #"{"event": "notice"}"#, #"{"event": "result", "result": {}}"#, "[]"] {
            #expect(schema.problems(of: line) != [], "\(line)")
        }
        let codes: [MigrationError.Code] = [
            .failed, .cutOff, .usage, .unmetRequirement, .unreachable, .tornDump, .damagedSnapshot, .importFailed,
            .proofFailed, .upgradeFailed, .acceptanceFailed, .locked, .interrupted,
        ]
        #expect(schema.list("code") == codes.map(\.rawValue))
    }

    @Test func firstLineTellsWhoseLinesTheyAreAndSlashesStayAsTheyAre() throws {
        let line = EventJSON.beginning(of: "mi-migrate")
        #expect(line.contains(#""event":"begin""#) && line.contains(#""format":1"#))
        #expect(
            line.contains(#""program":"mi-migrate""#) && line.contains(#""version":"\#(MigrationKitVersion.current)""#))
        #expect(EventJSON.line(.notice("gs://acme/x")).contains("gs://acme/x"))
    }

    @Test func failureTellsItsCodeAndWhatToDo() throws {
        let keys = try keys(.failed("primary", MigrationError(.tornDump, "cut", next: "again")))
        #expect(keys["code"] as? String == "torn-dump")
        #expect(keys["next"] as? String == "again")
    }

    @Test func progressTellsTotalRateAndTimeLeftWhereTheyAreKnown() throws {
        let event = MigrationEvent.advanced("primary", bytes: 30, detail: nil)
        let known = try keys(event, ProgressLine(name: "primary", bytes: 30, total: 100, rate: 20))
        #expect(known["total"] as? Int == 100 && known["rate"] as? Int == 20 && known["eta"] as? Int == 4)
        let unknown = try keys(event, ProgressLine(name: "primary", bytes: 30))
        #expect(unknown.keys.sorted() == ["bytes", "event", "name", "time"])
    }
}
