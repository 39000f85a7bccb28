import MigrationKit
import SystemPackage
import TestClusters
import Testing

/// The jobs of Examples/kubernetes; `make test-kubernetes` holds them against the API's schemas.
@Suite struct KubernetesExampleTests {
    static let jobs: [(FilePath, Program)] = [
        ("Examples/kubernetes/export.yaml", .snapshot), ("Examples/kubernetes/migrate.yaml", .migrate),
    ]

    @Test(arguments: jobs)
    func argumentsAreThoseThatTheCommandTakes(file: FilePath, program: Program) throws {
        let text = try Guide(file).text
        let options = try program.options(of: ["run"]).flatMap(\.names)
        #expect(text.contains("command: [\(program.rawValue), run"))
        let given = text.matches(of: /--[a-z][a-z-]*/).map { String($0.0) }
        #expect(given.contains("--json"))
        for option in given { #expect(options.contains(option), "\(option)") }
    }

    @Test(arguments: jobs)
    func everyFileOfTheSecretIsInTheCommandThatMakesIt(file: FilePath, program: Program) throws {
        let text = try Guide(file).text
        let guide = try Guide("Examples/kubernetes/README.md").text
        let mounted = text.matches(of: /\/mounted\/([a-z0-9_.]+)/).map { String($0.1) }
        let keys = text.matches(of: /key: ([a-z-]+)/).map { String($0.1) }
        #expect(!mounted.isEmpty && !keys.isEmpty)
        for name in mounted + keys { #expect(guide.contains("--from-file=\(name)"), "\(name)") }
    }

    @Test(arguments: jobs)
    func whatAnotherAttemptCannotChangeEndsTheJob(file: FilePath, program: Program) throws {
        let codes: [MigrationError.Code] =
            program == .snapshot
            ? [.usage, .unmetRequirement, .tornDump, .locked]
            : [.usage, .unmetRequirement, .tornDump, .importFailed, .upgradeFailed, .acceptanceFailed, .locked]
        let statuses = codes.map { "\($0.exitStatus)" }.joined(separator: ", ")
        #expect(try Guide(file).text.contains("values: [\(statuses)]"))
    }

    @Test func targetsCanBeRead() throws {
        let file = try TargetsFile(
            yaml: Guide("Examples/kubernetes/targets.yaml").text, name: "Examples/kubernetes/targets.yaml")
        #expect(file.targets.count == 3)
    }

    @Test func settingsAreTaken() async throws {
        let workplace = try await Workplace()
        let lines = try Guide("Examples/kubernetes/migrate.yaml").text.split(separator: "\n")
        let settings = lines.drop { $0 != "  migration.yaml: |" }.dropFirst().prefix { $0.hasPrefix("    ") }
        try workplace.folder.write("migration.yaml", settings.map { "\($0.dropFirst(4))\n" }.joined())
        let config = try await workplace.migrate("config")
        #expect(config.exit == 0, "\(config.errors)")
        #expect(config.output.contains("main-47cc60a2"))
    }
}
