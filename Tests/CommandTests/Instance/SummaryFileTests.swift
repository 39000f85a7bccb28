import FakeSourcegraph
import Foundation
import SystemPackage
import TestClusters
import Testing

@testable import MigrationKit
@testable import MigrationKitBase
@testable import MigrationKitSourcegraphAPI

@Suite(.timeLimit(.minutes(30))) struct SummaryFileTests {
    private let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder(in: FilePath(NSTemporaryDirectory())) }

    private func summarize(_ fake: FakeSourcegraph) throws -> SummarizeInstance {
        SummarizeInstance(client: try fake.client(), folder: SnapshotFolder(path: scratch.file("s")))
    }

    @Test func fileIsItsOwnersAloneAndIsWhatWasReturned() async throws {
        try await FakeSourcegraph.with { fake in
            fake.change { $0.setCodeHosts(5000) }
            let summary = try await summarize(fake).run()
            #expect(try scratch.mode("s/summary.json") == 0o600)
            #expect(try scratch.mode("s") == 0o700)
            #expect(try scratch.list("s") == ["summary.json"])
            let read = try SnapshotSummary(json: Array(try scratch.bytes("s/summary.json")), name: "summary.json")
            #expect(read == summary && read.externalServices.count == 5000)
            #expect(fake.violations == [])
        }
    }

    @Test func olderOneIsReplacedWhateverItsMode() async throws {
        try await FakeSourcegraph.with { fake in
            try scratch.write("s/summary.json", "old", mode: 0o644)
            _ = try await summarize(fake).run()
            #expect(try scratch.mode("s/summary.json") == 0o600)
            #expect(try scratch.text("s/summary.json").hasPrefix("{\n\t\"ExternalServices\""))
            #expect(fake.violations == [])
        }
    }

    @Test(arguments: ["Instance", "CodeHosts", "AuthProviders"])
    func olderOneStaysIfTheInstanceFailsOnTheWay(operation: String) async throws {
        try await FakeSourcegraph.with { fake in
            try scratch.write("s/summary.json", "old")
            fake.fault(.status(500), on: operation, times: 10_000)
            let flow = try summarize(fake)
            let error = await #expect(throws: MigrationError.self) { try await flow.run() }
            #expect(error?.message.contains("HTTP 500") == true)
            #expect(try scratch.text("s/summary.json") == "old")
            #expect(try scratch.list("s") == ["summary.json"])
            #expect(fake.violations == [])
        }
    }

    @Test func folderInWhichAnotherRunWorksIsLeftAlone() async throws {
        try await FakeSourcegraph.with { fake in
            try scratch.write("s/summary.json", "old")
            let flow = try summarize(fake)
            try await FolderLock.with(scratch.file("s")) {
                let error = await #expect(throws: MigrationError.self) { try await flow.run() }
                #expect(error?.code == .locked)
            }
            #expect(try scratch.text("s/summary.json") == "old")
            #expect(fake.violations == [])
        }
    }
}
