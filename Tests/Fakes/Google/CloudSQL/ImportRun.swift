package import NIOCore
import Subprocess
import SystemPackage
import TestClusters
import TestSupport

/// A dump on its way into a database: a real psql, which stops at the first error and commits every statement.
package struct ImportRun: Sendable {
    package static let application = "cloudsqlimport"
    /// What Google keeps of what psql prints.
    package static let outputLimit = 100_000

    package let fake: FakeCloudSQL
    package let operation: FakeCloudSQL.Operation
    /// The login.
    package let user: String
    /// Whether it acts as `cloudsqlsuperuser`, which then owns what comes to be.
    package let isDefaultUser: Bool

    private enum Stop {
        case hold(Int)
        case kill(Int)
        case cutOff(Int)

        var place: Int {
            switch self {
            case .hold(let at), .kill(let at), .cutOff(let at): at
            }
        }
    }

    private enum Event: Sendable {
        case fed, ended
        case printed([UInt8])
    }

    /// - Returns: How it failed; nil if it did not.
    package func load(_ text: ByteBuffer) async throws -> FakeCloudSQL.Operation.Failure? {
        let result = try await Subprocess.run(
            try configuration(), input: .inputWriter, output: .sequence, error: .text(limit: 64 << 20)
        ) { execution in
            await withTaskGroup(of: Event.self) { group in
                group.addTask {
                    await feed(text, to: execution)
                    return .fed
                }
                group.addTask { .printed(await Self.output(of: execution)) }
                group.addTask {
                    await fake.waitForEnd(of: operation.name)
                    return .ended
                }
                var printed: [UInt8] = []
                for await event in group {
                    switch event {
                    case .printed(let bytes):
                        printed = bytes
                        group.cancelAll()
                    case .ended where !Task.isCancelled: try? execution.send(signal: .kill)
                    default: break
                    }
                }
                return printed
            }
        }
        let status: String
        switch result.terminationStatus {
        case .exited(0): return nil
        case .exited(let code): status = "exit status \(code)"
        // The words are those of Google's programming language; that they come to the customer is assumed.
        default: status = "signal: killed"
        }
        var output = String(decoding: result.closureResult, as: UTF8.self)
        if !output.isEmpty, !output.hasSuffix("\n") { output += "\n" }
        let message = "\(status)\nstdout(capped at 100k bytes):\n\(output)stderr:\n\(result.standardError)"
        return FakeCloudSQL.Operation.Failure(code: "ERROR_RDBMS", message: message)
    }

    private func configuration() throws -> Configuration {
        let server = fake.cluster.server
        var environment = [
            "PGHOST": server.socket.string, "PGPORT": "\(server.port)", "PGUSER": user,
            "PGDATABASE": operation.database ?? "", "PGAPPNAME": Self.application, "PGCLIENTENCODING": "UTF8",
        ]
        if isDefaultUser { environment["PGOPTIONS"] = "-c role=\(FakeCloudSQL.systemRole)" }
        var options = PlatformOptions()
        options.createSession = true
        return try Configuration(
            executable: .path(server.bin.appending("psql")), arguments: ["--no-psqlrc", "-v", "ON_ERROR_STOP=1"],
            environment: .only(ChildEnvironment.variables([server.bin], environment)), workingDirectory: "/",
            platformOptions: options)
    }

    // MARK: In and out

    private typealias Psql = Execution<CustomWriteInput, SequenceOutput, TextOutput>

    private func feed(_ text: ByteBuffer, to psql: Psql) async {
        var text = text
        var fed = 0
        let writer = psql.standardInputWriter
        for stop in stops.sorted(by: { $0.place < $1.place }) {
            let count = min(max(0, stop.place - fed), text.readableBytes)
            guard await write(text.readSlice(length: count) ?? ByteBuffer(), to: writer) else { return }
            fed += count
            switch stop {
            case .hold(let place):
                await fake.waitForRelease(of: operation.name, at: place)
                // It is about to be killed: it gets no more to do.
                if fake.operation(operation.name)?.isCancelled == true { return }
            case .cutOff: text.clear()
            case .kill:
                do { try await waitUntilIdle(psql) } catch { fake.violate("\(error)") }
                try? psql.send(signal: .kill)
                return
            }
        }
        guard await write(text, to: writer) else { return }
        try? await writer.finish()
    }

    private var stops: [Stop] {
        (operation.faults ?? []).compactMap { fault in
            switch fault {
            case .held(let place): .hold(place)
            case .killed(let place): .kill(place)
            case .cutOff(let place): .cutOff(place)
            case .fails, .forgotten, .unlisted: nil
            }
        }
    }

    private func write(_ bytes: ByteBuffer, to writer: StandardInputWriter) async -> Bool {
        var bytes = bytes
        while let piece = bytes.readBytes(length: min(bytes.readableBytes, 256 * 1024)), !piece.isEmpty {
            do { _ = try await writer.write(piece) } catch { return false }
        }
        return true
    }

    /// Returns when psql has nothing more to say: the server waits for it, and it sleeps, which it then does only to read
    /// what it is fed; and so again, since it may have slept for a moment to write.
    private func waitUntilIdle(_ psql: Psql) async throws {
        let process = "\(psql.processIdentifier.value)"
        try await waitUntil("psql that reads") {
            for _ in 1...3 {
                guard let before = try await waiting(), try await Self.isAsleep(process),
                    try await waiting() == before
                else { return false }
            }
            return true
        }
    }

    /// Since when the server waits for psql; nil if it does not.
    private func waiting() async throws -> String? {
        let look = """
            SELECT state_change FROM pg_stat_activity
            WHERE application_name = '\(Self.application)' AND wait_event = 'ClientRead'
            """
        return try await fake.cluster.run(look).get().first?.rows.first?.first ?? nil
    }

    private static func isAsleep(_ process: String) async throws -> Bool {
        let looked = try await Subprocess.run(
            .name("ps"), arguments: ["-o", "state=", "-p", process],
            environment: .only(ChildEnvironment.variables()), output: .string(limit: 1 << 10))
        return looked.standardOutput.hasPrefix("S")
    }

    private static func output(of psql: Psql) async -> [UInt8] {
        var printed: [UInt8] = []
        do {
            for try await chunk in psql.standardOutput where printed.count < outputLimit {
                chunk.withUnsafeBytes { printed.append(contentsOf: $0.prefix(outputLimit - printed.count)) }
            }
        } catch {
            printed.append(contentsOf: "\(error)".utf8)
        }
        return printed
    }
}
