import LoopbackServers
import NIOHTTP1
import Testing

@testable import MigrationKitBase
@testable import MigrationKitGoogleCloud

@Suite(.timeLimit(.minutes(30))) struct MetadataServerTests {
    private func tokens(_ host: String, _ environment: [String: String] = [:]) throws -> AccessTokens {
        let environment = environment.merging(["HOME": "/nowhere", "GCE_METADATA_HOST": host]) { first, _ in first }
        return try GoogleCredentials.applicationDefault(environment: environment).tokens(environment: environment)
    }

    @Test func isAskedForTheScopesWithItsFlavor() async throws {
        let server = try await LoopbackServer { _ in .token("t") }
        #expect(try await tokens("127.0.0.1:\(server.port)").token().revealed == "t")
        let request = try #require(server.requests.first)
        #expect(request.method == "GET")
        #expect(request.path.hasPrefix("/computeMetadata/v1/instance/service-accounts/default/token?"))
        #expect(request.headers["Metadata-Flavor"] == ["Google"])
        #expect(request.form["scopes"] == "scope-a,scope-b")
    }

    @Test func whereNobodyAnswersNoCredentialsWereFound() async throws {
        let port = try await LoopbackServer { _ in .token("t") }.port
        let error = await #expect(throws: MigrationError.self) { try await tokens("127.0.0.1:\(port)").token() }
        #expect(error?.code == .unmetRequirement)
        #expect(error?.message == "No Google credentials were found.")
        #expect(error?.description.contains("GOOGLE_APPLICATION_CREDENTIALS is not set") == true)
        #expect(error?.description.contains("there is no /nowhere/.config/gcloud/") == true)
        #expect(error?.description.contains("127.0.0.1:\(port) does not respond") == true)
        #expect(error?.next?.contains("-credentials=FILE") == true)
    }

    @Test func itsSilenceIsNotWaitedFor() async throws {
        let server = try await LoopbackServer { _ in
            try await Task.sleep(for: .seconds(3600))
            return .token("t")
        }
        let error = await #expect(throws: MigrationError.self) {
            try await tokens("127.0.0.1:\(server.port)").token()
        }
        #expect(error?.message == "No Google credentials were found.")
    }

    @Test func isNeverAskedByWayOfAProxy() async throws {
        let proxy = try await LoopbackServer { _ in .token("t") }
        await #expect(throws: MigrationError.self) {
            try await tokens("metadata.invalid", ["HTTP_PROXY": proxy.url]).token()
        }
        #expect(proxy.requests.isEmpty)
    }

    @Test func machineWithoutAccountIsTold() async throws {
        let server = try await LoopbackServer { _ in .init(status: 404, body: "<html>") }
        let error = await #expect(throws: MigrationError.self) {
            try await tokens("127.0.0.1:\(server.port)").token()
        }
        #expect(error?.message == "This machine has no service account.")
    }

    @Test func passingFailureOfOneThatAnswersIsTriedAgain() async throws {
        let server = try await LoopbackServer { _ in .init(status: 503, body: "") }
        let error = await #expect(throws: MigrationError.self) {
            try await tokens("127.0.0.1:\(server.port)").token()
        }
        #expect(error?.message.contains("Gave up after") == true)
        #expect(server.requests.count > 1)
    }
}
