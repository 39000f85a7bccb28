import FakeSourcegraph
import Foundation
import Testing

@testable import MigrationKit
@testable import MigrationKitBase
@testable import MigrationKitSourcegraphAPI

@Suite(.timeLimit(.minutes(30))) struct ChangingListTests {
    @Test(arguments: ["CodeHosts", "PermissionJobs"]) func endlessPagesAreAnError(operation: String) async throws {
        try await FakeSourcegraph.with { fake in
            fake.fault(.endlessPages, on: operation, times: 1000)
            let instance = try await fake.connected()
            let error = await #expect(throws: MigrationError.self) {
                if operation == "CodeHosts" {
                    _ = try await instance.externalServices { _ in }
                } else {
                    _ = try await PermissionSync(instance, since: .distantPast).finding()
                }
            }
            #expect(error?.message.contains("the same page again") == true)
            #expect(fake.requests(for: operation).count <= 3)
            #expect(fake.violations == [])
        }
    }

    @Test func pagesThatAreNeverTheSameAreAnErrorToo() async throws {
        try await FakeSourcegraph.with { fake in
            for page in 1...5 {
                let answer = """
                    {"data": {"page": {"nodes": [{"id": "\(page)", "kind": "A", "displayName": ""}], "totalCount": 9,
                    "pageInfo": {"hasNextPage": true, "endCursor": "\(page)"}}}}
                    """
                fake.fault(.answer(answer, contentType: "application/json"), on: "CodeHosts")
            }
            let instance = try await fake.connected()
            let error = await #expect(throws: MigrationError.self) {
                try await instance.forEachPage(of: CodeHost.self, "The list", limit: 5) { cursor in
                    GraphQLQuery(
                        "CodeHosts", "$after: String",
                        "page: externalServices(after: $after) { totalCount nodes { id } }",
                        variables: ["after": cursor])
                } _: { _ in
                    true
                }
            }
            #expect(error?.message == "The list: more than 5 pages.")
            #expect(fake.requests(for: "CodeHosts").count == 5)
            #expect(fake.violations == [])
        }
    }

    private static func add(_ instance: inout FakeInstance) {
        let id = (instance.externalServices.map(\.id).max() ?? 0) + 1
        instance.externalServices.append(FakeInstance.ExternalService(id: id, kind: "OTHER", displayName: "new"))
    }

    @Test func oneThatIsAddedBetweenTwoPagesIsInTheSummary() async throws {
        try await FakeSourcegraph.with { fake in
            fake.change { $0.setCodeHosts(250) }
            fake.fault(.stall, on: "CodeHosts", skip: 1)
            let instance = try await fake.connected()
            try await fake.changing {
                Self.add(&$0)
            } _: {
                let services = try await instance.externalServices { _ in }
                #expect(services.count == 251 && services.first?.kind == "OTHER")
            }
            #expect(fake.requests(for: "CodeHosts").count == 6)
            #expect(fake.violations == [])
        }
    }

    @Test(arguments: [250, 1]) func oneThatIsRemovedBetweenTwoPagesIsNotInTheSummary(id: Int) async throws {
        try await FakeSourcegraph.with { fake in
            fake.change { $0.setCodeHosts(250) }
            fake.fault(.stall, on: "CodeHosts", skip: 1)
            let instance = try await fake.connected()
            try await fake.changing {
                $0.externalServices.removeAll { $0.id == id }
            } _: {
                let services = try await instance.externalServices { _ in }
                #expect(services.count == 249)
                #expect(!services.contains { $0.id == FakeResolver.id("ExternalService", id) })
            }
            // Whether it had been read already makes the difference.
            #expect(fake.requests(for: "CodeHosts").count == (id == 250 ? 6 : 3))
            #expect(fake.violations == [])
        }
    }

    @Test func listThatAlwaysChangesIsAnError() async throws {
        try await FakeSourcegraph.with { fake in
            fake.change { $0.setCodeHosts(150) }
            for _ in 1...20 { fake.fault(.stall, on: "CodeHosts", skip: 1) }
            let instance = try await fake.connected()
            await fake.changing {
                Self.add(&$0)
            } _: {
                let error = await #expect(throws: MigrationError.self) { try await instance.summary() }
                #expect(error?.message.contains("keeps changing") == true && error?.next != nil)
            }
            #expect(fake.violations == [])
        }
    }
}
