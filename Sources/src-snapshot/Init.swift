import ArgumentParser
import MigrationKitCommandSupport
import SystemPackage

/// `src-snapshot init`
struct Init: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Write a targets file: where the databases are, with a comment for each line.",
        discussion: """
            Starts from the builder's built-in targets. On a terminal, asks for what it cannot know. The file contains \
            passwords and is readable by you alone.

            Examples:
              src-snapshot init
              src-snapshot init kubectl --output=k8s.yaml
            """
    )

    @Argument(help: "How to reach the databases: pg_dump, docker or kubectl.")
    var builder: DumpTransport = .pgDump

    @Option(
        name: .shortAndLong, help: ArgumentHelp("Write to this file.", valueName: "file"), completion: .file())
    var output = "targets.yaml"

    @OptionGroup var file: NewFileOptions

    @OptionGroup(title: "Output") var shown: OutputOptions

    func run() async throws {
        let path = FilePath(output)
        try file.check(path)
        var targets = builder.defaultPreset.targets
        for database in Database.allCases { targets[database] = try ask(database, targets[database]) }
        try await file.write(TargetsFile.template(targets, for: builder), to: path)
        shown.console.show(result: ["targets": output])
        let next = "src-snapshot check \(builder.rawValue) \("--targets=\(output)".shellQuoted)"
        shown.advise("Wrote \(output). Check its values. Next: \(next)")
    }

    /// Nil for a database that the instance does not have.
    private func ask(_ database: Database, _ standard: DatabaseTarget?) throws -> DatabaseTarget? {
        guard var target = standard, Question.canBeAsked, !shown.json else { return standard }
        let name = database.rawValue
        if database != .primary, try Question.ask("Is there a database \(name)? (yes, no)", standard: "yes") == "no" {
            return nil
        }
        let kind = builder == .pgDump ? "host" : builder == .docker ? "container" : "pod or workload"
        target.target = try Question.ask("\(name): \(kind)", standard: target.target)
        target.dbname = try Question.ask("\(name): database", standard: target.dbname)
        target.username = try Question.ask("\(name): user", standard: target.username)
        let password = try Question.ask(
            "\(name): password", standard: target.password.revealed, isSecret: true)
        target.password = Secret(known: password)
        return target
    }
}
