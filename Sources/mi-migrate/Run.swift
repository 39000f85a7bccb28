import ArgumentParser
import MigrationKitCommandSupport
import Synchronization

/// `mi-migrate run`
struct Run: AsyncParsableCommand, ContinuedCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run the whole migration: import, upgrade, start and test, resuming where it stopped.",
        discussion: """
            Steps: \(MigrationStep.allCases.map(\.rawValue).joined(separator: ", ")). Each prints one line when it is \
            done, and is recorded in the journal. The first step that fails ends the run and says what to do. If a run \
            fails or is interrupted, run the same command again: it resumes at that step.

            With --follow, the run begins while the customer's `src-snapshot run` is still uploading: it freezes the \
            instance, drops the databases as soon as their schemas are in the bucket, and loads rows as they arrive. \
            Once manifest.json is there, the usual run does the rest. What only the manifest tells, such as a release \
            that cannot be upgraded, is found then.

            SRC_ACCESS_TOKEN is a site admin's token for the migrated instance, which has the customer's users and \
            tokens. A link for setting a password is printed on standard output, once.

            Examples:
              mi-migrate run migration.yaml
              mi-migrate run migration.yaml --until=prove      # import, do not upgrade yet
              mi-migrate run migration.yaml --skip='initialize=by hand, ticket 4711'
              mi-migrate run migration.yaml --from-step=test   # again, although it is done
              mi-migrate run migration.yaml --follow   # beside `src-snapshot run`
            """
    )

    @Argument(
        help: "The settings file (default: migration.yaml in the current folder, if it exists).",
        completion: .file(extensions: ["yaml", "yml"]))
    var file: String?

    @OptionGroup var importing: ImportingOptions

    @OptionGroup var follow: FollowOptions

    // --wait is for the instance's checks.
    @Option(name: .goStyle("follow-wait"), help: FollowOptions.waitHelp)
    var followWait: ArgumentDuration?

    @OptionGroup(title: "Upgrade") var upgrade: UpgradeOptions

    @Option(name: .goStyle("until"), help: ArgumentHelp("Stop after this step.", valueName: "step"))
    var until = MigrationStep.notice

    @Option(
        name: .goStyle("from-step"),
        help: ArgumentHelp("Repeat this step and all steps after it.", valueName: "step"))
    var fromStep: MigrationStep?

    @Option(
        name: .goStyle("skip"),
        help: ArgumentHelp(
            "Skip a step, and record why: --skip='STEP=REASON'. Can be given more than once.",
            valueName: "step=reason"), completion: SkippedStep.completion, transform: SkippedStep.init)
    var skip: [SkippedStep] = []

    @OptionGroup(title: "Instance") var initialize: InitializeOptions

    @OptionGroup(title: "Check") var check: CheckOptions

    @Flag(name: .goStyle("yes"), help: "Do not ask before the databases are dropped.")
    var yes = false

    @Option(name: .goStyle("confirm"), help: Confirmation.nameHelp)
    var confirmed: String?

    @OptionGroup(title: "Output") var output: OutputOptions

    var unnamed: [String] { file.map { ["--config=\($0)"] } ?? [] }

    func validate() throws {
        try follow.validate("--follow-wait", followWait)
        if file != nil, importing.settings.config != nil {
            throw ValidationError("The settings file is given twice: as an argument and with --config.")
        }
    }

    func run() async throws {
        let console = output.console
        var importing = importing
        importing.settings.config = file ?? importing.settings.config
        let target = try await importing.target(
            with: initialize.flags.merging(check.flags) { $1 }, beginsBeside: true, console)
        let instance = try MachineOptions.requiredInstance(target.settings, onEvent: StepLines.quiet(console.show))
        var load = await importing.flow(of: target, console) { [yes, confirmed, output] plan in
            if !plan.dropped.isEmpty { output.warn(Import.table(plan)) }
            return try Confirmation.given(for: plan, yes: yes, name: confirmed)
        }
        follow.apply(to: &load, importing.options, followWait)
        let upgrading = try await upgrade.upgrading(target, instance, console)
        var acceptance = MachineOptions.acceptance(target.settings, instance, target.journal, console)
        let secrets = Secrets()
        acceptance.onSecret = { secret in
            try console.show(secret)
            secrets.append(secret)
        }
        acceptance.onEvent = StepLines.quiet(console.show)
        acceptance.patience = check.wait.duration
        var flow = RunMigration(
            importing: load, upgrading: upgrading, acceptance: acceptance, onEvent: console.show)
        (flow.until, flow.from) = (until, fromStep)
        flow.skipped = Dictionary(skip.map { ($0.step, $0.reason) }) { $1 }
        try await show(flow, secrets, console)
    }

    /// What the operator was given: a program reads it with the result.
    private final class Secrets: Sendable {
        private let texts = Mutex<[String]>([])
        var all: [String] { texts.withLock(\.self) }
        func append(_ secret: OperatorSecret) {
            texts.withLock { $0.append("\(secret.what): \(secret.text.revealed)") }
        }
    }

    private struct Result: Encodable {
        var report: RunReport
        var secrets: [String]

        enum CodingKeys: CodingKey { case secrets }

        func encode(to encoder: any Encoder) throws {
            try report.encode(to: encoder)
            var values = encoder.container(keyedBy: CodingKeys.self)
            if !secrets.isEmpty { try values.encode(secrets, forKey: .secrets) }
        }
    }

    private func show(_ flow: RunMigration, _ secrets: Secrets, _ console: Console) async throws {
        do {
            let report = try await flow.run()
            console.show(result: Result(report: report, secrets: secrets.all))
            if !report.steps.isEmpty { output.print(report.table) }
            if let window = report.window { output.advise("From freeze to handover: \(window).") }
            output.advise(end(of: report.steps))
        } catch let error as MigrationError {
            // What is done is worth seeing all the more.
            let report = await flow.report()
            if report.steps.contains(where: { $0.state != .toDo }) { output.print(report.table) }
            throw error
        }
    }

    private func end(of steps: [RunReport.Step]) -> String {
        if until < .notice {
            return "Stopped after `\(until.rawValue)` (--until). Next: \(NextCommand.line("mi-migrate run"))"
        }
        let report = NextCommand.line("mi-migrate report")
        let skipped = steps.filter { $0.state == .skipped }.map(\.step.rawValue)
        guard skipped.isEmpty else {
            return "Done, except for the skipped steps: \(skipped.joined(separator: ", ")). "
                + "Do these yourself before you hand over the instance. Next: \(report)"
        }
        return "The migration is done: the instance is ready to hand over. Next: \(report)"
    }
}

/// A step that is skipped, and why.
struct SkippedStep {
    var step: MigrationStep
    var reason: String

    static let completion = CompletionKind.list(MigrationStep.allCases.map { "\($0.rawValue)=" })

    /// - Throws: `ValidationError` that says what is wrong with it.
    init(_ text: String) throws {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let step = MigrationStep(rawValue: parts[0]) else {
            let steps = MigrationStep.allCases.map(\.rawValue)
            let meant = NearestName.of(parts[0], among: steps).map { "Did you mean '\($0)'?" }
            throw ValidationError(
                "There is no such step. \(meant ?? "The steps are \(steps.joined(separator: ", ")).")")
        }
        guard parts.count == 2, parts[1].contains(where: \.isLetter) else {
            throw ValidationError("Say why: --skip='\(step.rawValue)=REASON'.")
        }
        (self.step, reason) = (step, parts[1])
    }
}
