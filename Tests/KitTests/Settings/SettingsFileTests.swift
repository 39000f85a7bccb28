import SystemPackage
import TestSupport
import Testing

@testable import MigrationKit
@testable import MigrationKitBase

/// Files of settings, and those that cannot be meant.
struct SettingsFileTests {
    private func refused(_ yaml: String) throws -> MigrationError {
        let error = try #require(throws: MigrationError.self) {
            try SettingsFile(yaml: yaml, path: "migration.yaml")
        }
        #expect(error.code == .usage)
        #expect(error.next?.contains("project, instance, bucket, bucket-project") == true)
        return error
    }

    @Test(arguments: [
        ("bukcet: x", "bucket"), ("Project: x", "project"), ("import_user: x", "import-user"),
        ("importuser: x", "import-user"), ("bucketproject: x", "bucket-project"), ("database: x", "databases"),
        ("pasword: hunter2", "password"), ("credential: x", "credentials"),
    ])
    func keyWithATypingErrorIsNamedWithWhatWasMeant(line: String, meant: String) throws {
        let message = try refused("project: acme-prod\n\(line)\n").message
        let key = line.prefix { $0 != ":" }
        #expect(message == "migration.yaml:2: unknown key `\(key)`: did you mean `\(meant)`?", "\(message)")
    }

    @Test func keyThatIsLikeNoneIsNamedAlone() throws {
        #expect(try refused("gitserver: x").message == "migration.yaml:1: unknown key `gitserver`.")
        #expect(try refused("1: x").message == "migration.yaml:1: unknown key `1`.")
        #expect(try refused("? [a]\n: x").message == "migration.yaml:1: unknown key `?`.")
        let long = String(repeating: "project", count: 5000)
        #expect(try refused("? \(long)\n: x").message.hasPrefix("migration.yaml:1: unknown key `project"))
    }

    @Test(arguments: [
        ("project:", 1), ("project: ~", 1), ("\nbucket: [a]", 2), ("bucket: {a: b}", 1), ("databases: [[primary]]", 1),
        ("password: [hunter2]", 1), ("password: hunter2: x", 1), ("password: \"hunter2", 1), ("- project", 1),
        ("project: a\nproject: b", nil), ("project: &a [*a]", nil), ("password:hunter2", 1), ("a: *b", nil),
        ("project: acme\n\tbucket: hunter2", nil), ("project: a\n---\nproject: b", nil), ("project: \"hunter2\\q\"", 1),
    ])
    func whatCannotBeMeantIsRefusedWithoutBeingShown(yaml: String, line: Int?) throws {
        let error = try refused(yaml)
        #expect(error.message.hasPrefix(line.map { "migration.yaml:\($0): " } ?? "migration.yaml:"), "\(error)")
        #expect(!error.description.contains("hunter2"), "\(error)")
    }

    @Test func whatIsEmptySetsNothing() throws {
        for yaml in ["", "# nothing\n", "---\n", "~\n", "{}\n"] {
            #expect(try SettingsFile(yaml: yaml, path: "migration.yaml").entries.isEmpty, "\(yaml)")
        }
    }

    @Test(arguments: [
        "[primary, codeinsights]", "primary,codeinsights", "codeinsights-db, pgsql", "[primary.sql, codeinsights]",
    ])
    func databasesAreAListOrATextWithCommas(value: String) throws {
        let file = try SettingsFile(yaml: "databases: \(value)", path: "migration.yaml")
        #expect(try MigrationSettings.resolve(file: file).databases.value == [.primary, .codeinsights])
    }

    @Test func bareNumbersAreTexts() throws {
        let file = try SettingsFile(yaml: "password: 0x10\nimport-user: yes\n", path: "migration.yaml")
        let settings = try MigrationSettings.resolve(file: file)
        #expect(settings.password?.value.revealed == "0x10")
        #expect(settings.importUser?.value == "yes")
        #expect(settings.warnings.count == 1)
    }

    @Test(arguments: ["password: hunter2\n", "project: acme-prod\nconnection: postgres://a:hunter2@h/d\n"])
    func fileWithAPasswordIsNotReadableByOthers(yaml: String) throws {
        let folder = try TestFolder()
        let path = try folder.write("settings.yaml", yaml, mode: 0o640)
        let line = yaml.split(separator: "\n").count
        let error = try #require(throws: MigrationError.self) { try SettingsFile.read(path) }
        #expect(error.message == "\(path):\(line) contains a password, and others can read the file.")
        try folder.write("settings.yaml", yaml, mode: 0o600)
        #expect(try SettingsFile.read(path) != nil)
        let open = try folder.write("open.yaml", "project: acme-prod\nconnection: postgres://a@h/d\n", mode: 0o644)
        #expect(try SettingsFile.read(open) != nil)
    }

    @Test func fileThatCannotBeReadIsNamed() throws {
        let folder = try TestFolder()
        for path in [folder.file("none.yaml"), folder.path] {
            let error = try #require(throws: MigrationError.self) { try SettingsFile.read(path) }
            #expect(error.code == .usage && error.message.contains(path.string), "\(error)")
        }
    }

    @Test(arguments: [("", "", 0), ("a", "", 1), ("ab", "ba", 1), ("bukcet", "bucket", 1), ("kitten", "sitting", 3)])
    func distanceCountsChanges(left: String, right: String, distance: Int) {
        #expect(NearestName.distance(left, right) == distance)
        #expect(NearestName.distance(right, left) == distance)
    }
}
