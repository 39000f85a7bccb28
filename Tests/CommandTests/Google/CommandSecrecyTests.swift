import FakeGoogle
import Foundation
import MigrationKit
import Subprocess
import TestClusters
import Testing

/// Keys: which files are taken, and that nothing of them is seen anywhere.
@Suite(.inTurn) struct CommandSecrecyTests {
    @Test func keyThatOthersCanReadIsAWarning() async throws {
        try await CommandPlace.with([.primary: .small]) { place in
            try place.folder.write("key.json", try place.fake.serviceAccountKey(), mode: 0o644)
            let uploaded = try await place.uploadPrimary()
            #expect(uploaded.exit == 0, "\(uploaded.errors)")
            #expect(uploaded.errors.contains("warning: key.json can be read by others: chmod 600 key.json"))
            #expect(place.fake.violations == [])
        }
    }

    static let others = [
        ("", "key.json is empty."), ("{}", "key.json"), ("-----BEGIN PRIVATE KEY-----", "is a key in PEM form"),
        ("<html>", "is an HTML or XML page"), ("{\"installed\": {}}", "describes an OAuth client"),
        ("{\"type\": \"other\"}", "has an unknown type: other"),
    ]

    @Test(arguments: others)
    func otherFilesAreRefusedByName(text: String, sentence: String) async throws {
        try await CommandPlace.with([.primary: .small]) { place in
            try place.folder.write("key.json", text)
            let refused = try await place.uploadPrimary()
            #expect(refused.exit == 2)
            #expect(refused.errors.hasPrefix("error: key.json"), "\(refused.errors)")
            #expect(refused.errors.contains(sentence), "\(refused.errors)")
            #expect(place.fake.requests.isEmpty)
        }
    }

    @Test func missingFileIsNamed() async throws {
        try await CommandPlace.with([.primary: .small]) { place in
            try place.folder.remove("key.json")
            let refused = try await place.uploadPrimary()
            #expect(refused.exit == 2)
            #expect(
                refused.errors.hasPrefix("error: key.json cannot be read: No such file or directory."),
                "\(refused.errors)")
            #expect(refused.errors.contains("Use a service account's key (JSON)"))
        }
    }

    /// What must not be seen: the key's text, tokens, and the addresses that are rights by themselves.
    private func secrets(_ place: CommandPlace) throws -> [String] {
        let pem = try FakeServiceAccount.shared.get().privateKey.split(separator: "\n").map(String.init)
        let ids = place.fake.requests.compactMap(\.uploadID)
        #expect(Set(ids).count == 2 && !place.fake.grants.isEmpty)
        return [pem[3], "PRIVATE KEY"] + ids + place.fake.grants.map(\.token)
    }

    @Test func nothingThatIsPrintedIsASecret() async throws {
        try await CommandPlace.with([.primary: .medium]) { place in
            for operation in [FakeOperation.part(1), .complete, .startSession, .finalChunk, .token, .startMultipart] {
                place.fake.fault(operation, operation == .complete ? .reset() : .status(503))
            }
            place.fake.fault(.part(2), .unauthorized)
            let uploaded = try await place.uploadPrimary("-v")
            #expect(uploaded.exit == 0, "\(uploaded.errors)")
            #expect(uploaded.errors.contains("part 1 of primary.sql: 503 "), "\(uploaded.errors)")
            for secret in try secrets(place) {
                #expect(!uploaded.errors.contains(secret) && !uploaded.output.contains(secret), "\(uploaded.errors)")
            }
            #expect(place.fake.violations == [])
        }
    }

    @Test func failureTellsNoSecrets() async throws {
        try await CommandPlace.with([.primary: .medium]) { place in
            place.fake.fault(.finalChunk, of: "manifest.json", .status(400))
            let failed = try await place.uploadPrimary("-v", "--json")
            #expect(failed.exit == 1)
            for secret in try secrets(place) {
                #expect(!failed.errors.contains(secret) && !failed.output.contains(secret), "\(failed.output)")
            }
            #expect(place.fake.violations == [])
        }
    }

    @Test func argumentsAreThoseThatWereTyped() async throws {
        try await CommandPlace.with([.primary: .medium]) { place in
            place.fake.fault(.complete, .stall())
            let uploaded = try await place.uploadPrimary { process in
                try await place.fake.waitUntil { $0.stalled == 1 }
                let shown = try await place.workplace.shell("ps -o args= -p \(process.value)")
                #expect(shown.exit == 0, "\(shown.errors)")
                let typed =
                    "\(BuiltPrograms.path("src-snapshot")) upload -bucket=bucket -credentials=key.json --part-size=5"
                    + " -file=primary.sql --partial\n"
                #expect(shown.output == typed)
                place.fake.releaseStalls()
            }
            #expect(uploaded.exit == 0, "\(uploaded.errors)")
            #expect(place.fake.violations == [])
        }
    }

    @Test func notesAreForTheirOwnerAlone() async throws {
        try await CommandPlace.with([.primary: .medium]) { place in
            place.fake.fault(.complete, .status(400))
            let failed = try await place.uploadPrimary()
            #expect(failed.exit == 1)
            let notes = try place.notes()
            #expect(notes.count == 1)
            for note in notes { #expect(try place.folder.mode(note) == 0o600) }
            #expect(try place.folder.mode("src-snapshot/.upload") == 0o700)
            #expect(place.fake.violations == [])
        }
    }
}
