import MigrationKit
import SystemPackage
import TestClusters
import Testing

@testable import MigrationKitBase
@testable import MigrationKitCommandSupport
@testable import src_snapshot

/// A targets file that cannot be meant: file, line and key are named, the password is not, and nothing is done.
@Suite(.inTurn) struct TargetsFileErrorTests {
    let workplace: Workplace

    init() async throws { workplace = try await Workplace() }

    struct Mistake: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var yaml: String
        var message: String

        init(_ name: String, _ yaml: String, _ message: String) {
            testDescription = name
            self.yaml = yaml
            self.message = message
        }
    }

    private static func target(_ key: String, _ change: (inout [String]) -> Void = { _ in }) -> String {
        var lines = ["  target: db", "  dbname: sg", "  username: sg", "  password: hunter2-secret"]
        change(&lines)
        return "\(key):\n" + lines.joined(separator: "\n") + "\n"
    }

    private static let others = target("codeintel") + target("codeinsights")

    private static func changed(_ old: String, _ new: String) -> String {
        target("primary") { $0 = $0.map { $0 == old ? new : $0 } } + others
    }

    private static func added(_ line: String) -> String { target("primary") { $0.append(line) } + others }

    static let mistakes = [
        Mistake("unknown key", added("  passwort: x"), "targets.yaml:6: unknown key `primary.passwort`"),
        Mistake("unknown database", target("primry") + others, "targets.yaml:1: unknown key `primry`"),
        Mistake(
            "missing database", others, "targets.yaml:1: no `primary`, the database that every instance has"),
        Mistake(
            "missing key", target("primary") { $0.remove(at: 2) } + others,
            "targets.yaml:1: `primary.username` is missing"),
        Mistake(
            "twice", target("primary") + target("pgsql") + others, "targets.yaml:6: `pgsql` appears a second time"),
        Mistake("the same key twice", target("primary") + target("primary") + others, "targets.yaml"),
        Mistake("the same field twice", added("  dbname: other"), "targets.yaml"),
        Mistake("port beyond all ports", added("  port: 65536"), "targets.yaml:6: `primary.port` must be a number"),
        Mistake("port zero", added("  port: 0"), "targets.yaml:6: `primary.port` must be a number"),
        Mistake("port in words", added("  port: five"), "targets.yaml:6: `primary.port` must be a number"),
        Mistake("sslmode", added("  sslmode: on"), "targets.yaml:6: `primary.sslmode` must be one of disable"),
        Mistake(
            "list for a text", changed("  dbname: sg", "  dbname: [sg]"),
            "targets.yaml:3: `primary.dbname` must be a string"),
        Mistake(
            "mapping for a text", changed("  dbname: sg", "  dbname: {a: b}"),
            "targets.yaml:3: `primary.dbname` must be a string"),
        Mistake(
            "nothing for a text", changed("  dbname: sg", "  dbname:"),
            "targets.yaml:3: `primary.dbname` must be a string"),
        Mistake("empty name", changed("  dbname: sg", "  dbname: ''"), "targets.yaml:3: `primary.dbname` is empty"),
        Mistake(
            "empty user", changed("  username: sg", "  username: ''"), "targets.yaml:4: `primary.username` is empty"),
        Mistake(
            "option for a target", changed("  target: db", "  target: --rm"),
            "targets.yaml:2: `primary.target` starts with a dash"),
        Mistake(
            "option for a namespace", added("  namespace: -x"), "targets.yaml:6: `primary.namespace` starts with a dash"
        ),
        Mistake(
            "option for a container", added("  container: -x"), "targets.yaml:6: `primary.container` starts with a dash"
        ),
        Mistake(
            "URI for a target", changed("  target: db", "  target: postgres://sg:hunter2@db:5432/sg"),
            "targets.yaml:2: `primary.target` contains a password"),
        Mistake(
            "URI without a password for a target", changed("  target: db", "  target: postgres://db/hunter2"),
            "targets.yaml:2: `primary.target` is a URL or a connection string"),
        Mistake(
            "account in a target", changed("  target: db", "  target: hunter2@db"),
            "targets.yaml:2: `primary.target` is a URL or a connection string"),
        Mistake(
            "connection string for a target", changed("  target: db", "  target: host=db password=hunter2"),
            "targets.yaml:2: `primary.target` contains a password"),
        Mistake(
            "URI for a database", changed("  dbname: sg", "  dbname: postgres://sg:hunter2@db/sg"),
            "targets.yaml:3: `primary.dbname` contains a password"),
        Mistake(
            "connection string for a database", changed("  dbname: sg", "  dbname: dbname=sg password=hunter2"),
            "targets.yaml:3: `primary.dbname` contains a password"),
        Mistake(
            "key for a user", changed("  username: sg", "  username: '{\"private_key\": \"hunter2\"}'"),
            "targets.yaml:4: `primary.username` contains a key"),
        Mistake(
            "URI for a namespace", added("  namespace: https://me:hunter2@cluster"),
            "targets.yaml:6: `primary.namespace` contains a password"),
        Mistake(
            "NUL", changed("  dbname: sg", "  dbname: \"a\\0b\""),
            "targets.yaml:3: `primary.dbname` contains a NUL byte"),
        Mistake("text for a target", "primary: db\n" + others, "targets.yaml:1: `primary` must be a mapping"),
        Mistake("list of targets", "- primary\n", "targets.yaml:1: expected the keys primary"),
        Mistake("empty file", "", "targets.yaml: expected the keys primary"),
        Mistake("no YAML", "primary: [\n", "targets.yaml"),
        Mistake("tab", "primary:\n\ttarget: db\n" + others, "targets.yaml"),
        Mistake("alias to nowhere", "primary: *elsewhere\n" + others, "targets.yaml"),
        Mistake(
            "unclosed password", changed("  password: hunter2-secret", "  password: \"hunter2-secret"), "targets.yaml"),
        Mistake(
            "password with a colon", changed("  password: hunter2-secret", "  password: hunter2-secret: x"),
            "targets.yaml"),
        Mistake(
            "password as a list", changed("  password: hunter2-secret", "  password: [hunter2-secret]"),
            "targets.yaml:5: `primary.password` must be a string"),
        Mistake("password for a key", added("  hunter2 secret"), "targets.yaml"),
        Mistake("merged keys", added("  <<: {port: 1}"), "targets.yaml:6: unknown key `primary.<<`"),
        Mistake("two documents", target("primary") + others + "---\n" + target("primary") + others, "targets.yaml"),
    ]

    /// As `databases` reads its targets, before it prints or runs anything.
    private func read(_ mistake: Mistake) throws -> Workplace.Finished {
        let file = workplace.folder.file("targets.yaml")
        var refused = try refusal(of: file.string)
        refused.errors.replace(file.string, with: "targets.yaml")
        return refused
    }

    @Test(arguments: mistakes)
    func mistakeIsNamedWithItsPlace(mistake: Mistake) throws {
        try workplace.folder.write("targets.yaml", mistake.yaml)
        let refused = try read(mistake)
        #expect(refused.exit == 2, "\(refused.errors)")
        #expect(refused.errors.contains("error: \(mistake.message)"), "\(refused.errors)")
        #expect(!refused.errors.contains("hunter2"))
        #expect(refused.output == "")
    }

    /// What our own reading refuses, and what the YAML's does.
    static let kinds = ["unknown key", "missing database", "password with a colon", "no YAML"]

    @Test(arguments: mistakes.filter { kinds.contains($0.testDescription) }, [true, false])
    func mistakeKeepsAnythingFromBeingDone(mistake: Mistake, runs: Bool) async throws {
        try workplace.folder.write("targets.yaml", mistake.yaml)
        let arguments = ["databases", "pg_dump", "--targets=targets.yaml"] + (runs ? ["--run"] : [])
        let refused = try await workplace.run(BuiltPrograms.path("src-snapshot"), arguments)
        #expect(refused.exit == 2, "\(refused.errors)")
        #expect(refused.errors == (try read(mistake).errors))
        #expect(!refused.errors.contains("hunter2"))
        #expect(refused.output == "")
        #expect(!workplace.folder.exists("src-snapshot"))
    }

    @Test(arguments: [("helm", "pg_dump"), ("k8s", "docker"), ("k8s-deployments", "pg_dump")])
    func workloadsAreTargetsOfKubectlAlone(preset: String, builder: String) throws {
        let refused = try refusal(of: preset, builder)
        #expect(refused.exit == 2)
        #expect(refused.errors.contains("--targets=\(preset) is for kubectl, not for \(builder)."), "\(refused.errors)")
    }

    @Test func folderIsNotATargetsFile() throws {
        let refused = try refusal(of: workplace.folder.file(".").string)
        #expect(refused.exit == 2 && refused.errors.contains(" is not a file."), "\(refused.errors)")
    }

    @Test func presetThatIsMistypedIsSuggested() throws {
        let refused = try refusal(of: "hlem", "kubectl")
        #expect(refused.exit == 2 && refused.errors.contains("Did you mean helm?"), "\(refused.errors)")
    }

    private func refusal(of targets: String, _ builder: String = "pg_dump") throws -> Workplace.Finished {
        guard case .command(let command) = Program.snapshot.read(["databases", builder, "--targets=\(targets)"]) else {
            throw Program.NothingSaid(arguments: [])
        }
        let databases = try #require(command as? Databases)
        let error = try #require(throws: MigrationError.self) { _ = try databases.source.dumpers(Console()) }
        return Program.snapshot.reply(to: error)
    }

    @Test func missingFileIsNamedBesideTheReadyMadeTargets() async throws {
        let refused = try await workplace.snapshot("databases", "--targets=nowhere.yaml")
        #expect(refused.exit == 2)
        #expect(refused.errors.contains("nowhere.yaml cannot be read: No such file or directory."))
        #expect(refused.errors.contains("local, docker, k8s, helm, k8s-deployments"))
    }

    @Test(arguments: [(0o600, "secret", false), (0o644, "secret", true), (0o640, "secret", true), (0o644, "''", false)])
    func passwordsThatOthersCanReadAreRefused(mode: Int, password: String, isRefused: Bool) async throws {
        let yaml = "primary: &all {target: db, dbname: sg, username: sg, password: \(password)}\n"
        try workplace.folder.write("targets.yaml", yaml + "codeintel: *all\ncodeinsights: *all\n", mode: mode)
        let printed = try await workplace.snapshot("databases", "pg_dump", "--targets=targets.yaml")
        #expect(printed.exit == (isRefused ? 2 : 0), "\(printed.errors)")
        #expect(printed.errors.contains("chmod 600 targets.yaml") == isRefused, "\(printed.errors)")
    }

    @Test func aliasesNumbersAndAnchorsAreUnderstood() async throws {
        try workplace.folder.write(
            "targets.yaml",
            """
            # JSON is YAML, and so are anchors
            pgsql: &all {target: db, "dbname": 1234, username: yes, password: 0x10, port: "6543"}
            codeintel: *all
            codeinsights: *all
            """)
        let printed = try await workplace.snapshot("databases", "pg_dump", "--targets=targets.yaml")
        #expect(printed.exit == 0, "\(printed.errors)")
        #expect(printed.output.contains("PGPASSWORD=0x10 "))
        #expect(printed.output.contains("--username=yes --dbname=1234 --host=db --port=6543"))
    }

    @Test(arguments: ["local", "docker", "k8s", "helm", "k8s-deployments"])
    func readyMadeTargetsArePrinted(preset: String) async throws {
        let printed = try await workplace.snapshot("databases", "kubectl", "--targets=\(preset)")
        #expect(printed.exit == 0)
        #expect(printed.output.split(separator: "\n").count == 3)
    }
}
