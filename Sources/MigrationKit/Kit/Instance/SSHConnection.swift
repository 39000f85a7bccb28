import MigrationKitCLibrary
internal import MigrationKitFoundation
internal import NIOCore
internal import SystemPackage

/// A connection by ssh that stands while scripts go over it: most of them take less time than a handshake.
///
/// It is an ssh of its own, ssh's "control master", which runs `cat` on the machine. The kernel closes its standard input
/// when this process ends, whichever way it does: then `cat` ends, and with it the ssh and its socket. Scripts are
/// ordinary calls of ssh that are told of the socket; one that finds nobody there connects by itself.
actor SSHConnection {
    /// How a script gets to the machine.
    enum Way: Sendable {
        /// By these options of ssh.
        case over([String])
        /// By a connection of its own.
        case alone
        /// Not at all: the connection could not be made.
        case failed(CommandOutcome)
    }

    private var master: Master?
    private var isBusy = false
    /// The user has connections that are kept already, or this ssh has none.
    private var isOutOfQuestion: Bool?
    private var hasFailed = false

    /// Makes the connection, unless it stands.
    ///
    /// - Parameters:
    ///   - destination: As ssh takes it.
    ///   - options: Those of all scripts.
    ///   - environment: Variables for ssh.
    /// - Throws: ``MigrationError`` if ssh is not installed; `CancellationError`.
    func way(
        to destination: String, _ options: [String], _ environment: [Command.Variable]
    ) async throws -> Way {
        if let master, !master.hasEnded { return .over(master.options) }
        master = nil
        guard !isBusy else { return .alone }
        // It may be the keeping that does not work.
        guard !hasFailed else {
            hasFailed = false
            return .alone
        }
        isBusy = true
        defer { isBusy = false }
        do {
            if isOutOfQuestion == nil {
                isOutOfQuestion = try await Self.isKept(to: destination, options, environment)
            }
            guard isOutOfQuestion == false, let folder = Master.folder() else { return .alone }
            let master = try Master(folder, to: destination, options, environment)
            if let outcome = try await master.failure() {
                hasFailed = true
                return .failed(outcome)
            }
            self.master = master
            return .over(master.options)
        } catch let error as MigrationError where error.code == .failed {
            // It says nothing.
            hasFailed = true
            return .alone
        }
    }

    /// Ends it: it may be broken without knowing.
    func close() async {
        let master = master
        self.master = nil
        await master?.stop()
    }

    /// Whether the user's own configuration keeps connections to this machine. Whoever has to confirm each with a
    /// hardware key has made one by hand, and no other is let in.
    private static func isKept(
        to destination: String, _ options: [String], _ environment: [Command.Variable]
    ) async throws -> Bool {
        let (text, outcome) = try await Command("ssh", options + ["-G", destination], environment: environment)
            .collect(stallLimit: .seconds(30))
        return outcome.exitStatus != 0 || text.split(separator: "\n").contains { $0.hasPrefix("controlpath ") }
    }
}

/// The ssh that holds the connection.
private final class Master: Sendable {
    /// Options by which another ssh goes over it.
    let options: [String]
    private let folder: String
    private let process: RunningProcess
    private let pipe: OutputPipe

    private static let greeting = "mi-migrate is there"
    private static let patience = Duration.seconds(30)

    /// A new folder for the socket, for its owner alone. Its name is short: a socket's may have 104 bytes on macOS, and
    /// ssh adds 17 while it makes it.
    static func folder() -> String? {
        var template = Array("/tmp/mi-migrate.XXXXXX".utf8CString)
        return template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
        }
    }

    init(
        _ folder: String, to destination: String, _ options: [String], _ environment: [Command.Variable]
    ) throws {
        self.folder = folder
        let socket = ["-o", "ControlPath=\(folder)/socket"]
        self.options = socket + ["-o", "ControlMaster=no"]
        // Whatever becomes of this process, the folder goes.
        let held = #"ssh "$@"; status=$?; rm -rf "$0"; exit $status"#
        let command = Command(
            "sh",
            ["-c", held, folder] + options + socket + ["-o", "ControlMaster=yes", "-o", "ControlPersist=no"]
                + [destination, "sh -c \("echo \(Self.greeting); exec cat >/dev/null".shellQuoted)"],
            environment: environment)
        pipe = try OutputPipe()
        process = try RunningProcess(command, output: pipe.writingEnd, closesOutput: true, isFed: true)
    }

    deinit { process.endInput() }

    var hasEnded: Bool { process.hasEnded }

    /// Waits until the connection stands.
    ///
    /// - Returns: How it ended, where it did not come to that.
    func failure() async throws -> CommandOutcome? {
        do {
            var output: [UInt8] = []
            while let chunk = try await pipe.read(
                stallLimit: Self.patience, program: "ssh", hasEnded: { [process] in process.hasEnded })
            {
                output += chunk.readableBytesView
                if String(decoding: output, as: UTF8.self).contains("\(Self.greeting)\n") { return nil }
            }
            return try await process.outcome
        } catch {
            await stop()
            throw error
        }
    }

    func stop() async {
        process.cancel()
        _ = try? await process.outcome
        try? FileManager.default.removeItem(atPath: folder)
    }
}
