import FakeSourcegraph
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import MigrationKitBase
@testable import MigrationKitSourcegraphAPI

/// Somebody else edits the settings in the same moment, or nobody may.
@Suite(.timeLimit(.minutes(30))) struct NoticeConflictTests {
    /// With comments among the notices, so that it is taken down by writing all settings anew.
    private static let commented = """
        { "notices": [
            // about the move
            \(NoticeTextTests.entry), // ours
        ] }
        """

    private func json(_ fake: FakeSourcegraph) throws -> AnyJSON {
        try JSONCParser.parse(fake.settings ?? "")?.json ?? .null
    }

    @Test func editInTheSameMomentStaysAndOursFollows() async throws {
        try await FakeSourcegraph.with { fake in
            fake.change { instance in
                instance.beforeMutation = { instance in
                    instance.beforeMutation = nil
                    instance.addSettings("{ \"theirs\": true /* kept */ }")
                }
            }
            let notices = Mutex<[String]>([])
            let notice = SiteNotice(try await fake.connected(), message: "m") { event in
                if case .notice(let notice) = event { notices.withLock { $0.append(notice.text) } }
            }
            let outcome = try await notice.add()
            #expect(outcome.isShown && outcome.hasChanged)
            #expect(notices.withLock(\.self) == ["Somebody else is editing the global settings; trying again."])
            let settings = try json(fake)
            #expect(settings["theirs"] == true && settings["notices"]?.array?.count == 1)
            #expect(fake.settings?.contains("/* kept */") == true)
            #expect(fake.requests(for: "EditSettings").count == 2)
            #expect(fake.violations == [])
        }
    }

    /// The server says that it has taken what came too late, and has not.
    @Test func overwriteThatCameTooLateIsNoticedAndDoneAgain() async throws {
        try await FakeSourcegraph.with { fake in
            fake.change { $0.setSettings(Self.commented) }
            fake.change { instance in
                instance.beforeMutation = { instance in
                    instance.beforeMutation = nil
                    instance.addSettings(
                        Self.commented.replacing("{ \"notices\"", with: "{ \"theirs\": 1, \"notices\""))
                }
            }
            let notice = SiteNotice(try await fake.connected(), message: "m")
            let outcome = try await notice.remove()
            #expect(!outcome.isShown && outcome.hasChanged)
            #expect(try json(fake) == ["theirs": 1, "notices": []])
            #expect(fake.settings?.contains("// about the move") == true && fake.settings?.contains("// ours") == true)
            #expect(fake.requests(for: "OverwriteSettings").count == 2)
            #expect(fake.violations == [])
        }
    }

    @Test(arguments: [true, false]) func settingsThatAlwaysChangeAreAnError(isPutUp: Bool) async throws {
        try await FakeSourcegraph.with { fake in
            fake.change { $0.setSettings(isPutUp ? nil : Self.commented) }
            fake.change { instance in
                instance.beforeMutation = { $0.addSettings($0.latestSettings?.contents ?? "{}") }
            }
            let notice = SiteNotice(try await fake.connected(), message: "m")
            let error = await #expect(throws: MigrationError.self) {
                _ = isPutUp ? try await notice.add() : try await notice.remove()
            }
            #expect(error?.message.contains("keep changing") == true)
            #expect(error?.message.contains(isPutUp ? "put up" : "taken down") == true && error?.next != nil)
            let mutations = fake.requests(for: isPutUp ? "EditSettings" : "OverwriteSettings")
            #expect(mutations.count == 5)
            #expect(fake.violations == [])
        }
    }

    @Test func whoeverElseTakesItDownHasDoneIt() async throws {
        try await FakeSourcegraph.with { fake in
            fake.change { $0.setSettings(Self.commented) }
            fake.change { $0.beforeMutation = { $0.addSettings("{}") } }
            let outcome = try await SiteNotice(try await fake.connected(), message: "m").remove()
            #expect(!outcome.isShown && !outcome.hasChanged)
            #expect(fake.settings == "{}")
            #expect(fake.violations == [])
        }
    }

    // MARK: Who may

    @Test(arguments: [nil, commented]) func settingsOfAFileAreExplained(text: String?) async throws {
        try await FakeSourcegraph.with { fake in
            fake.change { $0.setSettings(text) }
            fake.change { $0.hasGlobalSettingsFile = true }
            let notice = SiteNotice(try await fake.connected(), message: "m")
            let error = await #expect(throws: MigrationError.self) {
                _ = text == nil ? try await notice.add() : try await notice.remove()
            }
            #expect(error?.code == .unmetRequirement)
            #expect(error?.message.contains("come from a file (GLOBAL_SETTINGS_FILE)") == true)
            #expect(error?.next?.contains("GLOBAL_SETTINGS_ALLOW_EDITS=true") == true)
            #expect(fake.settings == text)
            #expect(fake.violations == [])
        }
    }

    @Test func whoeverMayNotEditThemIsToldBeforeAnythingIsSent() async throws {
        try await FakeSourcegraph.with { fake in
            let notice = SiteNotice(try await SourcegraphInstance(fake.client(token: fake.userToken)), message: "m")
            let error = await #expect(throws: MigrationError.self) { try await notice.add() }
            #expect(error?.code == .unmetRequirement && error?.next == "Use a site admin's token.")
            #expect(fake.requests(for: "EditSettings").isEmpty)
            #expect(fake.violations == [])
        }
    }

    @Test func otherMessagesOfTheServerAreShown() async throws {
        try await FakeSourcegraph.with { fake in
            fake.fault(.errors(["viewer is not allowed to edit these settings"]), on: "EditSettings")
            let notice = SiteNotice(try await fake.connected(), message: "m")
            let error = await #expect(throws: MigrationError.self) { try await notice.add() }
            #expect(error?.details == ["viewer is not allowed to edit these settings"])
            #expect(fake.requests(for: "EditSettings").count == 1)
            #expect(fake.violations == [])
        }
    }

    // MARK: Answers that get lost

    @Test func changeThatIsLimitedByRateIsSentAgain() async throws {
        try await FakeSourcegraph.with { fake in
            fake.fault(.status(429, retryAfter: 0), on: "EditSettings")
            let outcome = try await SiteNotice(try await fake.connected(), message: "m").add()
            #expect(outcome.isShown && outcome.hasChanged)
            #expect(try json(fake)["notices"]?.array?.count == 1)
            #expect(fake.requests(for: "EditSettings").map(\.status) == [429, 200])
            #expect(fake.violations == [])
        }
    }

    @Test(arguments: [
        FakeSourcegraph.Fault.status(503), .status(502), .reset, .lostAnswer, .tornAnswer(afterBytes: 5), .damagedGzip,
    ])
    func changeIsSentOnceAndMayBeRunAgain(fault: FakeSourcegraph.Fault) async throws {
        try await FakeSourcegraph.with { fake in
            fake.fault(fault, on: "EditSettings")
            let notice = SiteNotice(try await fake.connected(), message: "m")
            let error = await #expect(throws: MigrationError.self) { try await notice.add() }
            #expect(error?.message.contains("not known whether the change was made") == true)
            #expect(error?.next?.contains("Run the same command again") == true)
            #expect(fake.requests(for: "EditSettings").count == 1)

            let wasDone = try json(fake)["notices"] != nil
            let outcome = try await notice.add()
            #expect(outcome.isShown && outcome.hasChanged == !wasDone)
            #expect(try json(fake)["notices"]?.array?.count == 1)
            #expect(fake.requests(for: "EditSettings").count == (wasDone ? 1 : 2))
            #expect(fake.violations == [])
        }
    }

    @Test func lostOverwriteIsNotDoneTwice() async throws {
        try await FakeSourcegraph.with { fake in
            fake.change { $0.setSettings(Self.commented) }
            fake.fault(.lostAnswer, on: "OverwriteSettings")
            let notice = SiteNotice(try await fake.connected(), message: "m")
            await #expect(throws: MigrationError.self) { try await notice.remove() }
            let outcome = try await notice.remove()
            #expect(!outcome.isShown && !outcome.hasChanged)
            #expect(fake.requests(for: "OverwriteSettings").count == 1)
            #expect(fake.instance.settings.count == 2)
            #expect(fake.violations == [])
        }
    }
}
