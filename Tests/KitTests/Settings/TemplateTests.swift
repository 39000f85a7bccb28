import SystemPackage
import Testing

@testable import MigrationKit
@testable import MigrationKitBase

/// The files that `init` writes can be read, and say what was known.
@Suite struct TemplateTests {
    @Test(arguments: DumpTransport.allCases) func targetsAreThoseOfTheBuilder(transport: DumpTransport) throws {
        let targets = transport.defaultPreset.targets
        let text = TargetsFile.template(targets, for: transport)
        #expect(try TargetsFile(yaml: text, name: "targets.yaml").targets == targets)
        #expect(text.hasPrefix("#") && text.contains("# port: 5432"))
    }

    @Test(arguments: ["it's", "a: b #c", "", "*x", "\"q\"", "tab\tbell\u{7}", "0x10", "yes", "\\n"])
    func valueIsReadAsItWas(password: String) throws {
        let target = DatabaseTarget(
            target: "db", dbname: "sg", username: "sg", password: Secret(password), port: 6432)
        let text = TargetsFile.template([.primary: target], for: .pgDump)
        #expect(try TargetsFile(yaml: text, name: "targets.yaml").targets == [.primary: target])
    }

    @Test func settingsAreThoseThatAreKnown() throws {
        let known: [SettingName: String] = [
            .project: "acme-prod", .bucket: "gs://acme", .machine: "ssh://sre@10.0.0.4",
        ]
        let text = SettingsFile.template(known)
        let file = try SettingsFile(yaml: text, path: "migration.yaml")
        #expect(file.entries.mapValues(\.text.revealed) == known)
        for name in SettingName.allCases { #expect(text.contains("\(name.rawValue): ") == (name != .password)) }
    }

    @Test func everyCommentedLineIsASetting() throws {
        let lines = SettingsFile.template([:]).split(separator: "\n").filter {
            $0.contains(": ") && $0.contains("  # ")
        }
        #expect(lines.count == SettingName.allCases.count - 1)
        for line in lines {
            let file = try SettingsFile(yaml: String(line.dropFirst(2)), path: "migration.yaml")
            #expect(file.entries.count == 1, "\(line)")
            _ = try MigrationSettings.resolve(environment: ["HOME": "/h"], file: file)
        }
    }

    /// What a plan keeps is read again, from any folder, without the passwords.
    @Test func portableSettingsAreTheSameSettings() throws {
        let flags: [SettingName: String] = [
            .into: "postgres://admin:p%40ss@[::1]:5433/postgres?sslmode=require", .bucket: "./bucket",
            .credentials: "key.json", .machine: "gcloud://project-1/europe-west1-b/vm", .databases: "codeintel,primary",
            .connection: "postgres:///postgres?host=/var/run/postgresql",
        ]
        let portable = try MigrationSettings.resolve(flags: flags).portable
        #expect(portable[.bucket]?.hasPrefix("/") == true && portable[.credentials]?.hasPrefix("/") == true)
        #expect(!portable.values.contains { $0.contains("p@ss") || $0.contains("p%40ss") })
        let again = try MigrationSettings.resolve(flags: portable)
        #expect(again.portable == portable)
        var into = try #require(again.into?.value)
        into.password = Secret("p@ss")
        #expect(into == (try PostgresURI("postgres://admin:p%40ss@[::1]:5433/postgres?sslmode=require")))
        #expect(again.connection?.value.host == "/var/run/postgresql")
        #expect(portable[.journal] == nil)
    }

    static let mistakes = [
        "project: a: b", "project: [", "project: \"a", "project: *a", "project: %a", "\tproject: a", "a\nb: c",
        "project: @a", "- a\nproject: b",
    ]

    @Test(arguments: mistakes) func mistakeInYAMLIsToldInWordsWithItsLine(yaml: String) throws {
        let error = try #require(throws: MigrationError.self) {
            try SettingsFile(yaml: "bucket: gs://acme\n\(yaml)\n", path: "migration.yaml")
        }
        #expect(error.message.firstMatch(of: #/^migration\.yaml:[0-9]+: /#) != nil, "\(error.message)")
        for word in ["token", "mapping values", "simple key", "alias", "directive", "(", "expected <"] {
            #expect(!error.message.contains(word), "\(error.message)")
        }
    }
}
