import Subprocess
import SystemPackage
import TestClusters
import Testing

/// A real sshd on loopback, with keys of its own, whose logins get the shell of a VM made by `host.sh`.
///
/// It runs once it is started, and ends with the VM.
struct ScratchSSHServer: Sendable {
    private let workplace: Workplace
    private let vm: FilePath
    private let script = ComposeHost.equipment.appending("sshd.sh")

    /// Names it.
    ///
    /// - Parameters:
    ///   - vm: The folder of the VM.
    ///   - workplace: Where its commands are run.
    init(vm: FilePath, in workplace: Workplace) { (self.vm, self.workplace) = (vm, workplace) }

    /// What the VM is called in `config`.
    static let host = "customer-vm"

    /// For `ssh -F`: knows the host by its key, and the client's key.
    var config: FilePath { vm.appending("ssh/config") }

    /// What the server has to say.
    func log() throws -> String { try workplace.folder.text("vm/ssh/log") }

    /// How many connections it has let in so far.
    func connections() throws -> Int {
        try log().split(whereSeparator: \.isNewline).count { $0.contains("Accepted publickey for") }
    }

    /// Runs a command on the VM, by `ssh`.
    ///
    /// - Parameter options: More of `ssh`'s own, such as `-o ServerAliveInterval=1`.
    func ssh(
        _ command: String, options: [String] = [], input: String = "",
        whileRunning: @escaping @Sendable (ProcessIdentifier) async throws -> Void = { _ in }
    ) async throws -> Workplace.Finished {
        try await workplace.awaiting("the end of `\(command)`, by ssh") {
            try await workplace.run(
                "/usr/bin/env",
                ["ssh", "-F", config.string, "-o", "BatchMode=yes"] + options + [Self.host, "--", command],
                input: input, whileRunning: whileRunning)
        }
    }

    // MARK: What happens to it

    /// Starts it, or starts it again on the same port; does nothing while it accepts connections.
    func start() async throws { try await control("start") }

    /// Ends all connections. What they started in sessions of its own goes on, such as containers.
    func cut() async throws { try await control("cut") }

    /// Accepts no new connections until it is started again; those that stand go on.
    func refuse() async throws { try await control("refuse") }

    /// Lets connections stand and says nothing more, as a network does that loses everything.
    func freeze() async throws { try await control("freeze") }

    /// Takes that back.
    func thaw() async throws { try await control("thaw") }

    /// Is another server from now on, as far as its key tells.
    func changeHostKey() async throws { try await control("rekey") }

    /// Lets nobody in from now on.
    func lockOut() async throws { try await control("lock-out") }

    /// Ends it, with all connections.
    func stop() async throws { try await control("stop") }

    private func control(_ action: String) async throws {
        let finished = try await workplace.awaiting("sshd.sh \(action)") {
            try await workplace.run("/usr/bin/env", ["bash", script.string, action, vm.string])
        }
        try #require(finished.exit == 0, "sshd.sh \(action): \(finished.errors)")
    }
}
