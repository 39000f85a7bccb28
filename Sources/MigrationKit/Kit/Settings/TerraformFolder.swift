package import SystemPackage

/// A folder that Terraform has been applied in, and what Terraform tells of it.
///
/// Terraform is asked, and not its state read: where the state is, is Terraform's business. OpenTofu is asked in the same
/// way where there is no Terraform.
package struct TerraformFolder: Sendable, Hashable {
    /// The folder.
    package let path: FilePath

    /// States are large where much is in them; more than this is none.
    private static let limit = 256 << 20
    /// A remote state has to be fetched before the first byte is printed.
    private static let patience = Duration.seconds(300)

    /// Names a folder.
    package init(_ path: FilePath) { self.path = path }

    /// In the order in which they are looked for.
    private static let programs = ["terraform", "tofu"]

    private func command(_ name: String, of program: String) -> Command {
        Command(
            program, ["-chdir=\(path)", name, "-json", "-no-color"],
            environment: [.init("TF_IN_AUTOMATION", Secret("1")), .init("TF_INPUT", Secret("0"))],
            // Its log would show the state, and the others could add arguments.
            unsetting: [
                "TF_LOG", "TF_LOG_CORE", "TF_LOG_PROVIDER", "TF_CLI_ARGS", "TF_CLI_ARGS_output", "TF_CLI_ARGS_show",
            ]
        )
    }

    /// The outputs of what was applied.
    ///
    /// - Throws: ``MigrationError`` if Terraform is not there, the folder is not initialised, or Terraform fails or
    ///   prints something else.
    func outputs() async throws -> TerraformOutputs {
        try TerraformOutputs(json: try await run("output"), folder: path)
    }

    /// The state of what was applied.
    ///
    /// - Throws: ``MigrationError`` if Terraform is not there, the folder is not initialised, or Terraform fails or
    ///   prints something else.
    func state() async throws -> TerraformState {
        try TerraformState(json: try await run("show"), folder: path)
    }

    private func run(_ name: String) async throws -> [UInt8] {
        guard FileIdentity(path: path)?.isFolder == true else {
            throw MigrationError(
                .usage, "\(path) is not a folder.", next: "Use the folder where `terraform apply` was run.")
        }
        for program in Self.programs {
            let command = command(name, of: program)
            let (output, outcome): (String, CommandOutcome)
            do {
                (output, outcome) = try await command.collect(limit: Self.limit, stallLimit: Self.patience)
            } catch let error as MigrationError where error.code == .unmetRequirement {
                continue  // It is not installed.
            }
            guard outcome.exitStatus == 0 else { throw failure(command, outcome) }
            return Self.json(in: output)
        }
        throw MigrationError(
            .unmetRequirement, "Neither `terraform` nor `tofu` is installed or in PATH.",
            next: "Install Terraform or OpenTofu, or add its folder to PATH.")
    }

    /// What is printed from the first line on that begins as JSON does: wrappers and lost connections are told of before.
    private static func json(in output: String) -> [UInt8] {
        let lines = output.split(separator: "\n", omittingEmptySubsequences: false)
        return Array(lines.drop { !$0.hasPrefix("{") }.joined(separator: "\n").utf8)
    }

    private func failure(_ command: Command, _ outcome: CommandOutcome) -> MigrationError {
        // Without the frame that it draws around errors.
        let lines = outcome.lastLines.map { String($0.drop { "│╷╵ ".contains($0) }) }.filter { !$0.isEmpty }
        if lines.contains(where: { $0.contains("terraform init") }) {
            return MigrationError(
                .unmetRequirement, "\(path) is not initialized for Terraform.",
                next: "Run `terraform init` there, then the same command again.", details: lines)
        }
        let name = ([command.program] + command.arguments.dropFirst().prefix(2)).joined(separator: " ")
        return MigrationError(
            .failed, "`\(name)` \(outcome.ending) in \(path).",
            next: "Run it there by hand; once it works, run the same command again.", details: lines)
    }
}
