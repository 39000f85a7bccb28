/// `mi`, the program that operators of managed instances have.
///
/// It is not public. Source of its commands: sourcegraph/handbook, "MI v1.1" and "mi1-1_upgrade_process".
public struct MiCommand: Sendable {
    /// Whose instance; nil: that which `mi` works on.
    public var customer: String?

    /// Names a customer.
    public init(customer: String? = nil) { self.customer = customer }

    /// `mi init-instance`: makes the operator's admin, sets the address and the ways to log in, and makes an account for
    /// the customer's administrator.
    ///
    /// - Throws: ``MigrationError`` if it fails.
    func initialise(_ email: String) async throws -> String {
        _ = try await run(["init-instance", email])
        return "mi init-instance \(email) is done"
    }

    /// `mi check --executors`: containers, frontend, and whether executors can be scaled.
    ///
    /// - Throws: ``MigrationError`` if it fails.
    func checkExecutors() async throws -> String {
        _ = try await run(["check", "--executors"])
        return "mi check --executors passed."
    }

    /// What it prints may be a link to set a password with, and is shown to nobody.
    private func run(_ arguments: [String]) async throws -> String {
        let command = Command("mi", (customer.map { ["--customer", $0] } ?? []) + arguments)
        let (output, outcome) = try await command.collect()
        guard outcome.exitStatus == 0 else {
            throw MigrationError(
                .failed, "`\(command.maskedLine)` \(outcome.ending).", next: "See why, by running it.",
                details: outcome.lastLines)
        }
        return output
    }
}
