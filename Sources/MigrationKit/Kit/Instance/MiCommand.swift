/// `mi`, the program that operators of managed instances have.
///
/// It is not public. Source of its commands: sourcegraph/handbook, "MI v1.1" and "mi1-1_upgrade_process".
public struct MiCommand: Sendable {
    /// Whose instance; nil: that which `mi` works on.
    public var customer: String?
    /// What is run.
    var program = "mi"

    /// Names a customer.
    public init(customer: String? = nil) { self.customer = customer }

    /// `mi init-instance`: makes the operator's admin, sets the address and the ways to log in, and makes an account for
    /// the customer's administrator.
    ///
    /// - Parameters:
    ///   - email: The administrator's address; nil: no account is created for one.
    ///   - onSecret: Takes all that it prints: a link to set a password with is in it.
    /// - Throws: ``MigrationError`` if it fails.
    func initialize(_ email: String?, _ onSecret: OperatorSecret.Handler) async throws -> String {
        guard email?.utf8.first != UInt8(ascii: "-") else {
            throw MigrationError(
                .usage, "`\(email?.printable ?? "")` is not an email address: it begins with a dash.",
                next: "Correct `admin-email`.")
        }
        let words = ["init-instance"] + (email.map { [$0] } ?? [])
        try await run(words) { output in
            try onSecret(OperatorSecret(what: "Output of mi init-instance", text: Secret(output)))
        }
        return "mi \(words.joined(separator: " ")) is done"
    }

    /// `mi check --executors`: containers, frontend, and whether executors can be scaled.
    ///
    /// - Throws: ``MigrationError`` if it fails.
    func checkExecutors() async throws -> String {
        try await run(["check", "--executors"])
        return "mi check --executors passed."
    }

    /// What it prints may be a secret, and is in no message.
    private func run(_ arguments: [String], onOutput: (String) throws -> Void = { _ in }) async throws {
        try InstanceAddress.mi(customer: customer).checkNames()
        let command = Command(program, (customer.map { ["--customer", $0] } ?? []) + arguments)
        let (output, outcome) = try await command.collect()
        // Also what it has printed before it failed: a link is not printed twice.
        if output.contains(where: { !$0.isWhitespace }) { try onOutput(output) }
        guard outcome.exitStatus == 0 else {
            throw MigrationError(
                .failed, "`\(command.maskedLine)` \(outcome.ending).", next: "To see why, run it.",
                details: outcome.lastLines)
        }
    }
}
