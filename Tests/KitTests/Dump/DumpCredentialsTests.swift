import DumpSamples
import NIOCore
import TestSupport
import Testing

@testable import MigrationKit
@testable import MigrationKitBase
@testable import MigrationKitPostgresDump

/// Credentials of other servers in a dump: no store gets them.
@Suite struct DumpCredentialsTests {
    @Test(arguments: DumpCredentials.statements, RewriteProfile.allCases)
    func noStoreGetsThem(statement: String, profile: RewriteProfile) async throws {
        let runner = PassRunner(profile: profile, name: "primary.sql", refuses: .credentials, onEvent: { _ in })
        let head = "--\n-- PostgreSQL database dump\n--\n\nCREATE TABLE t (id integer);\n"
        let dump = Array("\(head)\(statement)\nCREATE TABLE u (id integer);\n".utf8)
        var handedOn: [UInt8] = []
        let error = await #expect(throws: MigrationError.self) {
            for try await chunk in runner.stream(.of(dump, .every(7))) { handedOn += chunk.readableBytesView }
        }
        #expect(error?.code == .damagedSnapshot)
        let text = String(decoding: handedOn, as: UTF8.self)
        #expect(!text.contains("hunter2") && !text.contains("TABLE u"), "\(text)")
    }
}
