import ArgumentParser
import Foundation
import MigrationKit
import Synchronization

/// `mi-migrate run`
struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Goes the whole way: from a customer's snapshot to an instance that may be handed over.",
        discussion: """
            The steps: \(MigrationStep.allCases.map(\.rawValue).joined(separator: ", ")). Each is told in a line when \
            it is done, and noted in the journal. The first that fails ends the run and says what to do; the same command \
            goes on from there, whatever has stopped it.

            SRC_ACCESS_TOKEN is a site admin's token of the migrated instance, whose users and tokens are the \
            customer's. A link to set a password with is shown on standard output, once.

            Examples:
              mi-migrate run migration.yaml
              mi-migrate run migration.yaml --until=prove            # imported and proven, not upgraded yet
              mi-migrate run migration.yaml --skip='initialize=done by hand, see ticket 4711'
              mi-migrate run migration.yaml --from-step=test         # again, though it is done
            """
    )

    @Argument(help: "A file of settings. Left out: migration.yaml in the current folder, if it is there.")
    var file: String?

    @OptionGroup var settings: SettingsOptions

    @OptionGroup var options: ImportOptions

    @OptionGroup var machine: MachineOptions

    @OptionGroup var upgrade: UpgradeOptions

    @Option(name: .goStyle("until"), help: "The last step.")
    var until = MigrationStep.notice

    @Option(name: .goStyle("from-step"), help: "Do this step again, and all that follow it.")
    var fromStep: MigrationStep?

    @Option(
        name: .goStyle("skip"),
        help: "Leave a step out, and note why: --skip='STEP=REASON'. May be given more than once.")
    var skip: [SkippedStep] = []

    @Option(name: .goStyle("admin-email"), help: "The customer's administrator, who gets an account.")
    var adminEmail: String?

    @Option(
        name: .goStyle("external-url"),
        help: "The address that the instance's users know. (default: where it is asked, SRC_ENDPOINT)")
    var externalURL: String?

    @Option(
        name: .goStyle("executors"),
        help: "The machines of the instance's executors, to see that they register: gcloud://project/zone/group.")
    var executors: String?

    @Option(name: .goStyle("wait"), help: "How long the instance may take until all is well.")
    var wait = ArgumentDuration(.seconds(600))

    @Flag(name: .goStyle("yes"), help: "Do not ask before the databases are dropped.")
    var yes = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if file != nil, settings.config != nil { throw ValidationError("The file is named twice.") }
    }

    func run() async throws {
        let console = output.console
        var settings = settings
        settings.config = file ?? settings.config
        let flags = machine.flags.merging([
            .adminEmail: adminEmail, .externalURL: externalURL, .executors: executors,
        ]) { $1 }
        let target = try options.target(settings, console, flags, keepsJournal: true)
        let instance = try MachineOptions.requiredInstance(target.settings, onEvent: StepLines.quiet(console.show))
        let importing = options.importing(into: target, console) { [yes, output] plan in
            if !plan.dropped.isEmpty { output.advise(Import.table(plan)) }
            return try Confirmation.given(yes: yes, plan.server, "would be dropped")
        }
        let upgrading = try await upgrade.upgrading(target, instance, console)
        var acceptance = AcceptInstance(instance: instance, journal: target.journal, mi: Self.mi(target.settings)) {
            try MachineOptions.client(target.settings, console)
        }
        acceptance.adminEmail = target.settings.adminEmail?.value
        acceptance.externalURL = target.settings.externalURL?.value
        acceptance.executors = target.settings.executors?.value
        let secrets = Secrets()
        acceptance.onSecret = { secret in
            try console.show(secret)
            secrets.append(secret)
        }
        acceptance.onEvent = StepLines.quiet(console.show)
        acceptance.patience = wait.duration
        var flow = RunMigration(
            importing: importing, upgrading: upgrading, acceptance: acceptance, onEvent: console.show)
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
            output.advise(end(of: report))
        } catch let error as MigrationError {
            // What is done is worth seeing all the more.
            let report = await flow.report()
            if report.steps.contains(where: { $0.state != .toDo }) { output.print(report.table) }
            throw error
        }
    }

    private func end(of report: RunReport) -> String {
        if until < .notice {
            return "Done as far as \(until.rawValue), as was wanted. The same command without --until goes on."
        }
        let skipped = report.steps.filter { $0.state == .skipped }.map(\.step.rawValue)
        guard skipped.isEmpty else {
            return "All is done but what was skipped: \(skipped.joined(separator: ", ")). "
                + "See to that yourself before the instance is handed over. `mi-migrate report` writes it down."
        }
        return "The migration is done: the instance may be handed over. `mi-migrate report` writes it down."
    }

    /// `mi` is asked where it is the way to the machine: elsewhere it may work on another customer's.
    private static func mi(_ settings: MigrationSettings) -> MiCommand? {
        if case .mi(let customer) = settings.machine?.value { MiCommand(customer: customer) } else { nil }
    }
}

/// A step that is left out, and why.
struct SkippedStep: ExpressibleByArgument {
    var step: MigrationStep
    var reason: String

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1)
        guard parts.count == 2, let step = MigrationStep(rawValue: String(parts[0])),
            parts[1].contains(where: \.isLetter)
        else { return nil }
        (self.step, reason) = (step, String(parts[1]))
    }
}
