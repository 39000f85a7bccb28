import FakeGoogle
import Foundation
import MigrationKit
import TestClusters
import Testing

/// Tokens that end while an upload runs, and keys that are no longer good.
@Suite(.inTurn) struct CommandTokenTests {
    @Test func uploadGoesOnWithAnotherTokenWhenOneIsNotTakenAnyMore() async throws {
        try await CommandPlace.with([.primary: .medium]) { place in
            let fake = place.fake
            fake.fault(.anyPart(times: 2, .stall(afterBytes: 1 << 20)))
            let uploaded = try await place.uploadPrimary("--parallel=2", "--json") { _ in
                try await fake.waitUntil { $0.stalled == 2 }
                fake.expireAllTokens()
                fake.releaseStalls()
            }
            #expect(uploaded.exit == 0, "\(uploaded.output)")
            #expect(place.object("primary.sql") == CommandDump.medium.rewritten)
            #expect(fake.grants.count == 2)
            #expect(fake.requests.filter { $0.status == 401 }.count == 2)
            #expect(fake.openUploads == [] && fake.violations == [])
            // Parts that were sent twice are not counted twice.
            let most = try CommandLines(uploaded.output).advanced("primary.sql").max() ?? 0
            #expect(most == CommandDump.medium.rewritten.count)
        }
    }

    @Test func tokenIsRenewedBeforeItEnds() async throws {
        var options = FakeGoogleStorage.Options()
        options.tokenLifetime = 6
        try await CommandPlace.with([.primary: .large], options) { place in
            let uploaded = try await place.uploadPrimary("--max-rate=5MB/s", "--parallel=1")
            #expect(uploaded.exit == 0, "\(uploaded.errors)")
            #expect(place.object("primary.sql") == CommandDump.large.rewritten)
            #expect(place.fake.grants.count > 1)
            #expect(place.fake.requests.allSatisfy { $0.status != 401 })
            #expect(place.fake.openUploads == [] && place.fake.violations == [])
        }
    }

    @Test func keyThatWasDeletedIsToldWithItsFile() async throws {
        try await CommandPlace.with([.primary: .small]) { place in
            let key = try place.fake.serviceAccountKey().replacing("uploader@", with: "gone@")
            try place.folder.write("key.json", key)
            let refused = try await place.uploadPrimary()
            #expect(refused.exit == 3)
            #expect(
                refused.errors.contains(
                    "The key in key.json is no longer valid for gone@example-project.iam.gserviceaccount.com"),
                "\(refused.errors)")
            #expect(refused.errors.contains("invalid_grant"))
            #expect(place.fake.requests.map(\.operation) == [.token])
            #expect(place.fake.violations == [])
        }
    }

    @Test func bucketThatDoesNotTakeTheTokenIsTold() async throws {
        try await CommandPlace.with([.primary: .medium]) { place in
            place.fake.fault(.startMultipart, times: 2, .unauthorized)
            let refused = try await place.uploadPrimary()
            #expect(refused.exit == 3)
            #expect(refused.errors.contains("gs://bucket rejected the access token of uploader@"), "\(refused.errors)")
            #expect(place.fake.grants.count == 2)
            #expect(place.fake.violations == [])
        }
    }
}
