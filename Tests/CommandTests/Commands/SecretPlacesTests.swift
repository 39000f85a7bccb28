import Foundation
import MigrationKitCommandSupport
import SystemPackage
import TestClusters
import TestSupport
import Testing

/// A key or a password in any option, variable or file where it does not belong: nothing that is printed, and no argument
/// of another program, shows it.
@Suite(.inTurn) struct SecretPlacesTests {
    let workplace: Workplace

    init() async throws { workplace = try await Workplace() }

    /// They take a server with its password, and keep it to themselves: `MigrationSettingsTests`.
    private static let servers = ["--into", "--connection"]

    @Test(arguments: Program.allCases) func noCommandLineShowsThem(program: Program) throws {
        for command in try program.commands() + [[]] {
            // From its help, which takes longer than all lines.
            let names = try program.options(of: command).flatMap(\.names)
                .filter { !Self.servers.contains($0) && !Self.servers.contains("-\($0)") }
            #expect(!names.isEmpty)
            for form in MisplacedForm.all {
                let text = form.text
                let lines =
                    [[text], ["--bogus=\(text)"], ["--bogus", text], ["--\(text)"], ["-v", text], ["--", text]]
                    + names.flatMap { [["\($0)=\(text)"], [$0, text]] }
                for line in lines {
                    guard case .finished(let refused) = program.read(command + line) else {
                        Issue.record("\(command) \(line.first ?? "") takes \(form.name)")
                        continue
                    }
                    let shown = refused.output + refused.errors
                    #expect(!shown.contains(form.needle), "\(command) \(form.name): \(shown)")
                    #expect(refused.exit == 2, "\(command) \(form.name): \(shown)")
                }
            }
        }
    }

    @Test func optionIsNamedWithWhatToDo() throws {
        let json = SecretForms.json("hunter2")
        let whole = try Program.snapshot.reply("upload", "-bucket=acme", "-credentials=\(json)")
        #expect(whole.errors.hasPrefix("error: --credentials contains a key, not its file.\nSave the key in a file"))
        let encoded = try Program.migrate.reply("rehearse", "--credentials", SecretForms.base64(json))
        #expect(
            encoded.errors.hasPrefix(
                "error: --credentials contains a key in base64, not its file.\nDecode it first"))
    }

    /// What somebody has to say may be long, and begin with anything.
    @Test(arguments: ["{maintenance}", String(repeating: "long ", count: 1000), "password: ask the operator"])
    func textsAreTaken(text: String) {
        guard case .command = Program.snapshot.read(["notice", "add", "--message=\(text)"]) else {
            Issue.record("\(text)")
            return
        }
    }

    // MARK: Variables

    static let variables = [
        "GOOGLE_APPLICATION_CREDENTIALS", "DB_DUMP_BUCKET", "TARGET_INSTANCE_PROJECT", "TARGET_INSTANCE_DB",
        "SRC_ENDPOINT", "SRC_PROXY", "SRC_HEADERS", "HTTPS_PROXY", "CLOUDSDK_CONFIG", "STORAGE_EMULATOR_HOST",
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE", "GOOGLE_CLOUD_UNIVERSE_DOMAIN", "GOOGLE_CLOUD_QUOTA_PROJECT",
        "SSL_CERT_FILE", "PGHOST", "HOME",
    ]

    static let lines = [
        "mi-migrate config --bucket=gs://acme", "mi-migrate status --bucket=gs://acme --into=postgres:///postgres -v",
        "src-snapshot login", "src-snapshot verify -bucket=gs://acme --json",
    ]

    @Test(arguments: variables) func noVariableIsShown(variable: String) async throws {
        for form in MisplacedForm.all where ["key", "base64", "URI"].contains(form.name) {
            for line in Self.lines {
                let words = line.split(separator: " ").map(String.init)
                let run = try await workplace.run(
                    BuiltPrograms.path(words[0]), Array(words.dropFirst()),
                    environment: ["NO_GCE_CHECK": "true", variable: form.text])
                let shown = run.output + run.errors
                #expect(!shown.contains(form.needle), "\(line) \(form.name): \(shown)")
                #expect(run.exit == 0 || !shown.isEmpty)
            }
        }
    }

    @Test(arguments: [false, true]) func keyInPlaceOfItsPathIsRefused(json: Bool) async throws {
        let key = SecretForms.json("hunter2")
        let refused = try await workplace.run(
            BuiltPrograms.path("src-snapshot"), ["verify", "-bucket=gs://acme"] + (json ? ["--json"] : []),
            environment: ["GOOGLE_APPLICATION_CREDENTIALS": key])
        #expect(refused.exit == 2)
        let shown = json ? refused.output : refused.errors
        #expect(shown.contains("GOOGLE_APPLICATION_CREDENTIALS contains a key, not its file."), "\(shown)")
        #expect(!(refused.output + refused.errors).contains("hunter2"))
    }

    // MARK: Files

    @Test func noKeyInASettingsFileIsShown() async throws {
        let key = SecretForms.json("hunter2").split(separator: "\n").map { "  \($0)\n" }.joined()
        try workplace.folder.write("migration.yaml", "bucket: gs://acme\ncredentials: |\n\(key)")
        let refused = try await workplace.run(BuiltPrograms.path("mi-migrate"), ["config"])
        #expect(refused.exit == 2)
        #expect(
            refused.errors.hasPrefix("error: migration.yaml:2: `credentials` contains a key, not its file."),
            "\(refused.errors)")
        #expect(!(refused.output + refused.errors).contains("hunter2"))
    }

    /// Values of a targets file become arguments, which everybody on the machine can see.
    @Test(arguments: ["target", "dbname", "username", "port", "sslmode", "namespace", "container"], MisplacedForm.all)
    func noValueOfATargetsFileBecomesAnArgument(key: String, form: MisplacedForm) throws {
        try workplace.writeTargets { _, lines in
            switch key {
            case "target": lines.target = form.text
            case "dbname": lines.dbname = form.text
            case "username": lines.username = form.text
            default: lines.others[key] = form.text
            }
        }
        let error = #expect(throws: MigrationError.self) {
            try TargetsFile.read(workplace.folder.file("targets.yaml"))
        }
        let shown = "\(String(describing: error)) \(error?.jsonLine ?? "")"
        #expect(error?.code == .usage && shown.contains("`primary.\(key)`"), "\(shown)")
        #expect(!shown.contains(form.needle), "\(shown)")
    }

    // MARK: Dumps

    /// The password of another server, in a dump that was made by hand.
    @Test(arguments: [[], ["--profile=none"], ["--split=16MiB"], ["--gzip"]])
    func credentialsInADumpAreNotUploaded(options: [String]) async throws {
        let mapping = "CREATE USER MAPPING FOR reader SERVER s OPTIONS (\n    \"password\" 'hunter2'\n);\n"
        let dump = try await SmallDump.text
        let table = try #require(dump.firstRange(of: "CREATE TABLE"))
        let altered = dump[..<table.lowerBound] + mapping + dump[table.lowerBound...]
        try workplace.folder.write("src-snapshot/primary.sql", String(altered))
        let refused = try await workplace.run(
            BuiltPrograms.path("src-snapshot"),
            ["upload", "-bucket=./bucket", "--without-summary", "--partial", "-file=primary.sql"] + options)
        #expect(refused.exit == 4, "\(refused.errors)")
        #expect(refused.errors.contains("Credentials of another server would be uploaded"), "\(refused.errors)")
        #expect(refused.errors.contains("CREATE USER MAPPING FOR reader SERVER s"), "\(refused.errors)")
        #expect(!(refused.output + refused.errors).contains("hunter2"))
        let found = try await workplace.shell("grep -rl hunter2 . | sort")
        #expect(found.output == "./src-snapshot/primary.sql\n")
    }
}

extension MisplacedForm: CustomTestStringConvertible {
    var testDescription: String { name }
}
