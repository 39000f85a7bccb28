import NIOCore
import Testing

@testable import MigrationKit
@testable import MigrationKitBase
@testable import MigrationKitPostgresDump

/// Credentials of other servers in a dump: it is refused, they are shown nowhere, and no store gets them.
@Suite struct CloudSQLCredentialsTests {
    static let statements = [
        "CREATE USER MAPPING FOR reader SERVER warehouse OPTIONS (user 'wh', password 'hunter2');",
        "CREATE USER MAPPING FOR \"reader\" SERVER \"options\" OPTIONS (\n    \"password\" 'hunter2',\n    \"user\" 'wh'\n);",
        "CREATE USER MAPPING IF NOT EXISTS FOR PUBLIC SERVER s OPTIONS (pw 'hunter2');",
        "create user mapping for public server s options (passwd E'hunter2\\'');",
        "ALTER USER MAPPING FOR reader SERVER s OPTIONS (SET key 'hunter2');",
        "CREATE SERVER s FOREIGN DATA WRAPPER w OPTIONS (host 'h', aws_secret_access_key 'hunter2');",
        "CREATE FOREIGN TABLE f (id int) SERVER s OPTIONS (\"Password\" 'hunter2');",
        "CREATE SUBSCRIPTION s CONNECTION 'host=h password=hunter2 dbname=d' PUBLICATION p;",
        "CREATE SUBSCRIPTION s CONNECTION 'postgres://u:hunter2@h/d' PUBLICATION p WITH (slot_name = 's');",
        "ALTER SUBSCRIPTION s CONNECTION 'host=h password = ''hunter2'' dbname=d';",
    ]

    @Test(arguments: statements, RewriteProfile.allCases)
    func statementIsRefusedAndNotShown(statement: String, profile: RewriteProfile) {
        let rewritten = Rewritten("SET lock_timeout = 0;\n\(statement)\n", profile)
        #expect(rewritten.refusals.map { Verdict.refuse($0.reason) } == [CloudSQLRules.credentials])
        #expect(rewritten.refusals.first?.position.line == 2)
        #expect(rewritten.rewrites.isEmpty)
        let shown = "\(rewritten.refusals) \(Refusal.error(rewritten.refusals, in: "primary.sql"))"
        #expect(!shown.contains("hunter2"), "\(shown)")
        let head = statement.split(separator: " ").prefix(2).joined(separator: " ")
        #expect(shown.contains(head), "\(shown)")
    }

    @Test func statementThatIsTooLongToBeCheckedIsRefusedForThem() {
        let long = "CREATE USER MAPPING FOR a SERVER s OPTIONS (password 'hunter2', x '"
        let rewritten = Rewritten(long + String(repeating: "y", count: 2 << 20) + "');\n")
        #expect(rewritten.refusals.map { Verdict.refuse($0.reason) } == [CloudSQLRules.credentials])
        #expect(!"\(rewritten.refusals)".contains("hunter2"))
    }

    @Test(arguments: statements, RewriteProfile.allCases)
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

    /// The text of what pg_dumpall writes is shown, and the password in it is not.
    @Test func otherStatementsAreShownWithoutPasswords() {
        let rewritten = Rewritten("ALTER ROLE sg WITH LOGIN PASSWORD 'hunter2' VALID UNTIL 'infinity';\n")
        #expect(
            rewritten.refusals.map(\.statement) == [
                "ALTER ROLE sg WITH LOGIN PASSWORD '<redacted>' VALID UNTIL 'infinity';"
            ])
    }
}
