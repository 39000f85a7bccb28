import SystemPackage
import TestSupport
import Testing

@testable import MigrationKit
@testable import MigrationKitBase

/// Which of several values counts, and what is wrong with those that cannot be used.
struct MigrationSettingsTests {
    private func file(_ yaml: String, _ path: FilePath = "migration.yaml") throws -> SettingsFile {
        try SettingsFile(yaml: yaml, path: path)
    }

    private func refused(
        flags: [SettingName: String] = [:], environment: [String: String] = [:], yaml: String = ""
    ) throws -> String {
        let file = try file(yaml)
        let error = try #require(throws: MigrationError.self) {
            try MigrationSettings.resolve(flags: flags, environment: environment, file: file)
        }
        #expect(error.code == .usage)
        #expect(error.next != nil)
        return error.description
    }

    @Test func flagCountsBeforeEnvironmentBeforeFile() throws {
        let file = try file("# all\nproject: file-project\ninstance: file-instance\nbucket: file-bucket\n")
        let settings = try MigrationSettings.resolve(
            flags: [.project: "flag-project"],
            environment: ["TARGET_INSTANCE_PROJECT": "other-project", "TARGET_INSTANCE_DB": "main-47cc60a2"], file: file
        )
        #expect(settings.project == Setting("flag-project", from: .flag(.project)))
        #expect(settings.instance == Setting("main-47cc60a2", from: .environment("TARGET_INSTANCE_DB")))
        let bucket = BucketLocation.googleCloudStorage(bucket: "file-bucket", prefix: "")
        #expect(settings.bucket == Setting(bucket, from: .file("migration.yaml", line: 4)))
        #expect(settings.journal == Setting(bucket, from: .standard))
        #expect(settings.databases == Setting(Database.allCases, from: .standard))
        #expect(settings.bucketProject == nil)
        #expect(settings.warnings.isEmpty)
    }

    @Test func originsAreNamedAsPeopleKnowThem() {
        let origins: [SettingOrigin] = [
            .flag(.bucketProject), .environment("DB_DUMP_BUCKET"), .file("a/b.yaml", line: 3), .standard,
        ]
        #expect(origins.map(\.description) == ["flag --bucket-project", "DB_DUMP_BUCKET", "a/b.yaml:3", "default"])
    }

    @Test func variablesOfTheRunbookAreTakenAsTheyAreExported() throws {
        let settings = try MigrationSettings.resolve(environment: [
            "TARGET_INSTANCE_PROJECT": "\"sourcegraph-managed-migration\"", "TARGET_INSTANCE_DB": "\"main-47cc60a2\"",
            "INSTANCE_ADMIN_PASSWORD": "\"pass1\"", "DB_DUMP_BUCKET": "",
        ])
        #expect(settings.project?.value == "sourcegraph-managed-migration")
        #expect(settings.instance?.value == "main-47cc60a2")
        #expect(settings.password?.value.revealed == "\"pass1\"")
        #expect(settings.bucket == nil && settings.journal == nil)
    }

    @Test(arguments: [
        ("acme-prod:us-central1:main-1", "acme-prod"),
        ("example.com:acme-prod:us-central1:main-1", "example.com:acme-prod"),
    ])
    func connectionNameHasTheProjectInIt(name: String, project: String) throws {
        let settings = try MigrationSettings.resolve(flags: [.instance: name])
        #expect(settings.instance?.value == "main-1")
        #expect(settings.project == Setting(project, from: .flag(.instance)))
    }

    @Test func connectionNameOfAnotherProjectIsRefused() throws {
        let message = try refused(
            flags: [.instance: "acme-prod:us-central1:main-1"], environment: ["TARGET_INSTANCE_PROJECT": "acme-test"])
        #expect(message.contains("flag --instance is an instance in acme-prod"))
        #expect(message.contains("TARGET_INSTANCE_PROJECT sets the project acme-test"))
    }

    @Test(arguments: [
        (SettingName.project, "Acme"), (.project, "acme"), (.project, "acme-prod-"), (.project, "1acme-prod"),
        (.project, "acme prod"), (.project, "a:b:acme-prod"), (.bucketProject, "x"), (.instance, "Main"),
        (.instance, "main_1"), (.instance, "main-"), (.instance, "a:main"), (.instance, "--help"),
        (.instance, "acme-prod::main"), (.bucket, "s3://acme"), (.bucket, "gs://A"), (.journal, "gs://a"),
        (.importUser, "a\u{1B}[2J"), (.importUser, String(repeating: "u", count: 64)), (.databases, "gitserver"),
        (.databases, ","), (.connection, "mysql://h/d"), (.credentials, ""), (.bucket, ""), (.importUser, "a\0b"),
    ])
    func valueThatCannotBeMeantIsNamedWithItsOrigin(name: SettingName, value: String) throws {
        let message = try refused(flags: [name: value])
        #expect(message.hasPrefix("flag --\(name.rawValue): "), "\(message)")
        #expect(message == message.split(separator: "\n").map { String($0).printable }.joined(separator: "\n"))
    }

    @Test func valueThatCannotBeUsedIsNotPassedOver() throws {
        let file = "project: acme-prod\n"
        #expect(try refused(flags: [.project: ""], yaml: file).hasPrefix("flag --project: `project` is empty."))
        #expect(
            try refused(environment: ["TARGET_INSTANCE_PROJECT": "X"], yaml: file)
                .hasPrefix("TARGET_INSTANCE_PROJECT: `X` is not a project ID."))
        #expect(try refused(yaml: "\nproject: X").hasPrefix("migration.yaml:2: `X` is not a project ID."))
    }

    @Test(arguments: [
        "postgres://admin:hunter2@h:port/db", "postgres://admin:hunter2@h/db?bogus=1", "admin:hunter2@h/db",
        "postgres://admin:hun#ter2@h:1/db",
    ])
    func uriThatCannotBeReadIsNotRepeated(uri: String) throws {
        for message in [
            try refused(flags: [.connection: uri]), try refused(yaml: "connection: '\(uri)'\n"),
        ] {
            #expect(!message.contains("hunter2") && !message.contains("ter2"), "\(message)")
            #expect(message.contains("`connection`") && !message.contains("--into"), "\(message)")
        }
    }

    /// Wherever it was put, and whatever it was taken for.
    @Test(
        arguments: SettingName.allCases.filter { $0 != .password },
        [
            SecretForms.json("hunter2"), SecretForms.pem("hunter2"), SecretForms.base64(SecretForms.json("hunter2")),
            "postgres://a:1#hunter2@h/d", "host=h password=hunter2",
        ])
    func secretInPlaceOfASettingIsRefusedUnseen(name: SettingName, secret: String) throws {
        let yaml = "\(name.rawValue): |\n" + secret.split(separator: "\n").map { "  \($0)\n" }.joined()
        var messages = [try refused(flags: [name: secret]), try refused(yaml: yaml)]
        if let variable = name.variable { messages.append(try refused(environment: [variable: secret])) }
        for message in messages {
            #expect(message.contains("`\(name.rawValue)`"), "\(message)")
            #expect(!message.contains("hunter2") && !message.contains(secret.prefix(30)), "\(message)")
        }
    }

    @Test func passwordGoesWithTheConnectionThatHasNone() throws {
        let password = ["INSTANCE_ADMIN_PASSWORD": "hunter2"]
        let bare = try MigrationSettings.resolve(flags: [.connection: "postgres://a@h/d"], environment: password)
        #expect(bare.server?.password?.revealed == "hunter2")
        #expect(bare.warnings.isEmpty)
        let full = try MigrationSettings.resolve(flags: [.connection: "postgres://a:own@h/d"], environment: password)
        #expect(full.server?.password?.revealed == "own")
        #expect(full.warnings.map(\.code) == ["settings-doubtful", "settings-doubtful"])
        #expect(full.warnings.map(\.values) == [["setting": "connection"], ["setting": "connection"]])
        #expect(try MigrationSettings.resolve(environment: password).server == nil)
    }

    @Test func pathsInTheFileAreSeenFromItsFolder() throws {
        let yaml = "bucket: ./bucket\njournal: /mnt/journal\ncredentials: key.json\n"
        let settings = try MigrationSettings.resolve(file: try file(yaml, "customers/acme/migration.yaml"))
        #expect(settings.bucket?.value == .folder("customers/acme/./bucket"))
        #expect(settings.journal?.value == .folder("/mnt/journal"))
        #expect(settings.credentials?.value == "customers/acme/key.json")
        let home = try MigrationSettings.resolve(
            environment: ["HOME": "/home/me"], file: try file("credentials: ~/key.json"))
        #expect(home.credentials?.value == "/home/me/key.json")
        #expect(try MigrationSettings.resolve(flags: [.credentials: "key.json"]).credentials?.value == "key.json")
    }

    @Test func tableShowsNoPassword() throws {
        let settings = try MigrationSettings.resolve(
            flags: [.connection: "postgresql://a:hunter2@[::1]:5433/d?sslmode=require&host=%2Frun"],
            environment: ["INSTANCE_ADMIN_PASSWORD": "hunter3"])
        let rows = Dictionary(settings.rows.map { ($0.name, $0.value) }) { $1 }
        #expect(rows["connection"] == "postgres://a:<redacted>@:5433/d (PGHOST=/run PGSSLMODE=require)")
        #expect(rows["password"] == "<redacted>")
        #expect(rows["databases"] == "primary, codeintel, codeinsights")
        #expect(settings.rows.map(\.name) == SettingName.allCases.map(\.rawValue))
        for text in [settings.table, "\(settings)", String(reflecting: settings), "\(settings.warnings)"] {
            #expect(!text.contains("hunter"), "\(text)")
        }
    }
}
