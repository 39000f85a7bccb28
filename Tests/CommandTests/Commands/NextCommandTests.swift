import ArgumentParser
import Foundation
import SystemPackage
import TestClusters
import Testing

@testable import MigrationKit
@testable import MigrationKitCommandSupport
@testable import mi_migrate
@testable import src_snapshot

/// Commands that are printed to be run next, read again by the parser: they mean the same work.
@Suite struct NextCommandTests {
    private static let place = [
        "--project=acme-prod", "--instance=main-47", "--bucket=./my bucket", "--credentials", "it's a key.json",
        "--into=postgres://sg@db.example.com/postgres", "--journal=gs://acme-journal/x", "--config=acme.yaml",
    ]
    private static let machine = [
        "--machine=ssh://sre@10.0.0.4", "--ssh-key=id", "--ssh-config=c", "--deployment=/d e",
    ]

    /// The command that a line comes to, which names its program.
    private func command(_ line: String) throws -> any AsyncParsableCommand {
        let words = try #require(Self.words(line))
        let program = try #require(Program(rawValue: words[0]))
        guard case .command(let command) = program.read(Array(words.dropFirst())) else {
            throw Program.NothingSaid(arguments: words)
        }
        return command
    }

    /// As a shell reads them that knows single quotes and a quoted quote; nil: a quote is open.
    private static func words(_ line: String) -> [String]? {
        let parts = line.replacing(#"'\''"#, with: "\0").split(separator: "'", omittingEmptySubsequences: false)
        guard !parts.count.isMultiple(of: 2) else { return nil }
        let quoted = parts.enumerated().map { index, part in
            index.isMultiple(of: 2) ? String(part.replacing(" ", with: "\n")) : String(part)
        }
        return quoted.joined().split(separator: "\n").map { String($0.replacing("\0", with: "'")) }
    }

    /// What an option group of a command was given.
    private func group<Group: ParsableArguments>(_ type: Group.Type, of command: any ParsableArguments) -> Group? {
        Mirror(reflecting: command).children.lazy.compactMap { child in
            if let importing = child.value as? OptionGroup<ImportingOptions> {
                return group(type, of: importing.wrappedValue)
            }
            return (child.value as? OptionGroup<Group>)?.wrappedValue
        }.first
    }

    @Test(arguments: [
        "mi-migrate report", "mi-migrate run", "mi-migrate import", "mi-migrate import --follow", "mi-migrate status",
        "mi-migrate restore", "mi-migrate upgrade --migrator=VERSION", "mi-migrate cancel",
        "mi-migrate copies --remove", "mi-migrate plan", "mi-migrate rehearse", "mi-migrate audit",
        "mi-migrate drift --release=5.1.8", "mi-migrate out-of-band --id=NUMBER", "mi-migrate freeze",
        "mi-migrate start", "mi-migrate run --skip='test=REASON'", "mi-migrate run --from-step=reset",
    ])
    func commandOfTheSameMigrationIsToldTheSameSettings(words: String) throws {
        let given = ["run"] + Self.place + Self.machine + ["--jobs=3", "--yes", "--until=load", "--take-over"]
        let line = try Program.migrate.next(after: given).line(words)
        #expect(line.hasPrefix(words))
        for once in ["--jobs", "--yes", "--until", "--take-over"] { #expect(!line.contains(once)) }
        let next = try command(line.replacing("NUMBER", with: "12"))
        let settings = try #require(group(SettingsOptions.self, of: next))
        let (bucket, credentials) = try (#require(settings.bucket), #require(settings.credentials))
        #expect(settings.project == "acme-prod" && settings.instance == "main-47")
        #expect(bucket == "./my bucket" && credentials == "it's a key.json" && settings.config == "acme.yaml")
        #expect(settings.journal == "gs://acme-journal/x")
        #expect(settings.into == "postgres://sg@db.example.com/postgres")
        if let machine = group(MachineOptions.self, of: next) {
            #expect(machine.machine == "ssh://sre@10.0.0.4" && machine.sshKey == "id")
            #expect(machine.sshConfig == "c" && machine.deployment == "/d e")
        }
    }

    @Test func settingsFileThatIsAnArgumentIsAnOptionElsewhere() throws {
        let next = try Program.migrate.next(after: ["run", "my acme.yaml", "--until", "load"])
        #expect(next.line("mi-migrate report") == "mi-migrate report '--config=my acme.yaml'")
        let again = try #require(try command(next.line("mi-migrate run")) as? mi_migrate.Run)
        #expect(again.importing.settings.config == "my acme.yaml" && again.file == nil)
    }

    @Test func whatTheRestOfARunNeedsIsGivenToItAgain() throws {
        let next = try Program.migrate.next(after: [
            "run", "--until=load", "--from=5.1.8", "--skip=freeze=is down", "--skip=check=by hand",
            "--incomplete=tests", "--admin-email=a@acme.com", "--through=api", "--database=primary",
            "--terminate-connections",
        ])
        let run = try #require(try command(next.line("mi-migrate run")) as? mi_migrate.Run)
        #expect(run.upgrade.from == "5.1.8" && run.skip.map(\.step) == [.freeze, .check])
        #expect(run.skip.map(\.reason) == ["is down", "by hand"] && run.importing.options.incomplete == "tests")
        #expect(run.initialize.adminEmail == "a@acme.com" && run.importing.access.through == "api")
        #expect(run.importing.database.database?.databases == [.primary] && run.importing.server.terminateConnections)
        // What comes with the command itself counts.
        let other = next.line("mi-migrate run --skip='test=REASON'")
        #expect(other.components(separatedBy: "--skip").count == 2)
    }

    @Test func filesOfSrcAndOfAMigrationAreNotMixedUp() throws {
        let run = try Program.migrate.next(after: ["run", "--config=acme.yaml"])
        #expect(run.line("mi-migrate notice remove") == "mi-migrate notice remove")
        let test = try Program.migrate.next(after: ["test", "--config=src.json"])
        #expect(test.line("mi-migrate notice remove") == "mi-migrate notice remove --config=src.json")
        #expect(test.line("mi-migrate status") == "mi-migrate status")
    }

    @Test func passwordIsNotRepeated() throws {
        let next = try Program.migrate.next(after: [
            "run", "--into=postgres://sg:hunter22@h/d", "--connection", "postgres://sg:hunter22@/d?host=/tmp/a b",
        ])
        let line = next.line("mi-migrate run")
        #expect(!line.contains("hunter22") && line.contains("--into=postgres://sg@h/d"), "\(line)")
        let run = try #require(try command(line) as? mi_migrate.Run)
        let uri = try PostgresURI(#require(run.importing.access.connection))
        #expect(uri.host == "/tmp/a b" && uri.user == "sg" && uri.password == nil)
    }

    @Test func planHoldsItsSettingsAndIsToldHowToImport() throws {
        let next = try Program.migrate.next(after: [
            "plan", "-o", "x", "--bucket=./b", "--start-over", "--backup", "--jobs=3", "--incomplete=a test",
        ])
        let line = next.line("mi-migrate apply 'my plan.json'", repeating: NextCommand.ofPlan)
        #expect(!line.contains("--bucket"))
        let apply = try #require(try command(line) as? Apply)
        #expect(apply.plan == "my plan.json" && apply.importing.options.startOver && apply.importing.options.backup)
        #expect(apply.importing.options.jobs == 3 && apply.importing.options.incomplete == "a test")
        let applied = try Program.migrate.next(after: ["apply", "p.json", "--into=postgres://a@h/d"]).told([
            "bucket": "/the bucket", "into": "postgres://b@h/d", "endpoint": "https://acme.example.com",
        ])
        #expect(
            applied.line("mi-migrate report") == "mi-migrate report '--bucket=/the bucket' --into=postgres://a@h/d")
    }

    @Test func databasesOfTheCustomerAreReachedTheSameWay() throws {
        let given = ["check", "docker", "--targets", "my targets.yaml", "--only=primary", "--from-replica", "--json"]
        let line = try Program.snapshot.next(after: given).line("src-snapshot databases --run")
        let next = try #require(try command(line) as? Databases)
        #expect(next.run && next.source.builder == .docker && next.source.targets == "my targets.yaml")
        #expect(next.source.only?.databases == [.primary] && next.source.fromReplica && !next.output.json)
    }

    @Test func dryRunIsFollowedByTheSameWithoutIt() throws {
        let given = ["run", "kubectl", "--bucket=./my bucket", "--dry-run", "-gzip", "--jobs", "8"]
        let line = try Program.snapshot.next(after: given).again(without: "--dry-run")
        #expect(line == "src-snapshot run kubectl '--bucket=./my bucket' --gzip --jobs 8")
        let run = try #require(try command(line) as? src_snapshot.Run)
        #expect(!run.dryRun && run.form.gzip && run.form.jobs == 8)
    }

    @Test func commandsInATextAreMadeWhole() throws {
        let next = try Program.migrate.next(after: ["upgrade", "--config=a.yaml", "--machine=local", "--to=5.2.0"])
        let text =
            "Restore with `mi-migrate restore`, then `mi-migrate upgrade --migrator=VERSION`, not `src-snapshot run`; "
            + "`bucket` is in `mi-migrate config --help`, and `mi-migrate nothing` is none."
        #expect(
            next.completing(text)
                == "Restore with `mi-migrate restore --config=a.yaml --machine=local`, then `mi-migrate upgrade "
                + "--migrator=VERSION --config=a.yaml --machine=local --to=5.2.0`, not `src-snapshot run`; "
                + "`bucket` is in `mi-migrate config --help`, and `mi-migrate nothing` is none.")
    }

    @Test func commandsInANoticeAreMadeWhole() throws {
        let next = try Program.migrate.next(after: ["run", "--config=a.yaml", "--machine=local"])
        let notice = MigrationNotice(
            .checkDoubtful, "The notice is still up. Once the instance works: `mi-migrate notice remove`",
            ["check": "notice", "remedy": "Once the instance works: `mi-migrate drift`", "names": ["`mi-migrate run`"]])
        guard case .warning(let told) = next.completing(.warning(notice)) else {
            throw Program.NothingSaid(arguments: [])
        }
        #expect(told.code == "check-doubtful" && told.text.hasSuffix(": `mi-migrate notice remove`"))
        #expect(told.values["remedy"] == "Once the instance works: `mi-migrate drift --config=a.yaml --machine=local`")
        #expect(told.values["names"] == ["`mi-migrate run --config=a.yaml --machine=local`"])
        #expect(told.values["check"] == "notice")
    }

    /// Also where it is written down with what a person has to put in its place.
    @Test func everyCommandThatASentenceNamesCanBeRead() throws {
        let folder = HeldScript.repository.appending("Sources").string
        let files = try #require(FileManager.default.enumerator(atPath: folder))
        var named: Set<String> = []
        for case let file as String in files where file.hasSuffix(".swift") {
            let text = try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
            for line in text.split(separator: "\n") where !line.trimmingPrefix(while: \.isWhitespace).hasPrefix("//") {
                for piece in line.components(separatedBy: "`")
                where Program.allCases.contains(where: { piece.hasPrefix("\($0.rawValue) ") })
                    && !piece.contains(where: { $0 == "\"" || $0 == "\\" })
                {
                    named.insert(piece)
                }
            }
        }
        #expect(named.count > 20)
        for line in named {
            let words = try #require(Self.words(line))
            guard case .finished(let refused) = try #require(Program(rawValue: words[0])).read(Array(words.dropFirst()))
            else { continue }
            // Help is no refusal, and a bucket may be named elsewhere in the sentence.
            #expect(refused.exit == 0 || refused.errors.contains("Missing "), "\(line): \(refused.errors)")
        }
    }
}
