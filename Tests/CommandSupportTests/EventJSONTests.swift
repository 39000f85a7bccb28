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
            .notice(.init(.analyzed, "n")), .warning(.init(.noCopy, "w")),
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
            EventJSON.line(.finished("primary", summary: "dumped")),
            EventJSON.line(.finished("primary", summary: "dumped"), progress),
            EventJSON.line(.failed("primary", error)),
            EventJSON.line(.notice(.init(.analyzed, "n"))), EventJSON.line(.warning(.init(.noCopy, "w", ["a": 1]))),
            EventJSON.line(OperatorSecret(what: "link", text: Secret("x"))), error.jsonLine,
        ]
        for line in lines { #expect(schema.problems(of: line) == [], "\(line)") }
        for line in [
            "{}", #"{"event": "notice"}"#, #"{"event": "notice", "time": "2026-11-30T12:00:00Z", "text": "prose"}"#,
            #"{"event": "result", "result": {}}"#, "[]",
        ] {
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
        #expect(EventJSON.line(.notice(.init(.journalFound, "gs://acme/x"))).contains("gs://acme/x"))
    }

    @Test func noticeTellsItsCodeAndItsValuesWithoutSecrets() throws {
        let notice = MigrationNotice(
            .retrying, "part 3: reset. Trying again in 1.5 s.",
            [
                "what": .init("part 3"), "seconds": .init(Duration.milliseconds(1500)), "count": .init(Int64(1) << 40),
                "names": .init(["password=hunter2"]), "unknown": .init(nil as String?),
            ])
        for event in [MigrationEvent.notice(notice), .warning(notice)] {
            let keys = try keys(event)
            #expect(keys["code"] as? String == "retrying" && keys["text"] as? String == notice.text)
            let values = try #require(keys["values"] as? [String: Any])
            #expect(values.keys.sorted() == ["count", "names", "seconds", "what"])
            #expect(values["seconds"] as? Double == 1.5 && values["count"] as? Int == 1 << 40)
            #expect(values["names"] as? [String] == ["password=<redacted>"] && values["what"] as? String == "part 3")
        }
    }

    @Test func failureTellsItsCodeAndWhatToDo() throws {
        let keys = try keys(.failed("primary", MigrationError(.tornDump, "cut", next: "again")))
        #expect(keys["code"] as? String == "torn-dump")
        #expect(keys["next"] as? String == "again")
    }

    @Test func whatIsDoneTellsItsBytesAndItsTime() throws {
        let event = MigrationEvent.finished("primary", summary: "3 B in 1.5 s")
        let known = try keys(event, ProgressLine(name: "primary", bytes: 3, elapsed: .milliseconds(1500)))
        #expect(known["bytes"] as? Int == 3 && known["seconds"] as? Double == 1.5)
        #expect(try keys(event, ProgressLine(name: "primary", bytes: 0)).keys.contains("bytes") == false)
        #expect(try keys(event).keys.sorted() == ["event", "name", "text", "time"])
    }

    @Test func progressTellsTotalRateAndTimeLeftWhereTheyAreKnown() throws {
        let event = MigrationEvent.advanced("primary", bytes: 30, detail: nil)
        let known = try keys(event, ProgressLine(name: "primary", bytes: 30, total: 100, rate: 20))
        #expect(known["total"] as? Int == 100 && known["rate"] as? Int == 20 && known["eta"] as? Int == 4)
        let unknown = try keys(event, ProgressLine(name: "primary", bytes: 30))
        #expect(unknown.keys.sorted() == ["bytes", "event", "name", "time"])
    }
}
