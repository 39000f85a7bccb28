import Dispatch
import Foundation
import Subprocess
import SystemPackage
import TestClusters
import TestSupport
import Testing

/// What a program says on standard error, as it says it.
final class CommandPipe: Sendable {
    private struct State {
        var text = ""
        var isOver = false
    }

    private let state = Watched(State())

    /// - Parameter path: A named pipe.
    init(_ path: String) {
        // Opening waits for the other side, and reading for what it says.
        DispatchQueue.global().async { [self] in
            let pipe = FileHandle(forReadingAtPath: path)
            while let bytes = pipe?.availableData, !bytes.isEmpty { add(String(decoding: bytes, as: UTF8.self)) }
            add(nil)
        }
    }

    /// All of it so far.
    var text: String { state.change { $0.text } }

    /// Returns when this has been said, or nothing more will be.
    func wait(for words: String, file: String = #filePath, line: Int = #line) async throws {
        try await state.wait(file: file, line: line, last: { $0.text }, until: { $0.isOver || $0.text.contains(words) })
    }

    /// Returns when the program has ended.
    func end(file: String = #filePath, line: Int = #line) async throws {
        try await state.wait(file: file, line: line, last: { $0.text }, until: { $0.isOver })
    }

    private func add(_ text: String?) {
        state.change { state in
            if let text { state.text += text } else { state.isOver = true }
        }
    }
}

extension CommandPlace {
    /// Uploads the primary dump, while somebody hears what is said.
    ///
    /// - Parameter ignoring: Signals that are ignored when it is started, as `nohup` does it.
    /// - Returns: How it ended, with all that was said as its errors.
    func uploadHeard(
        _ options: String..., ignoring: String = "",
        whileRunning: @Sendable (ProcessIdentifier, CommandPipe) async throws -> Void
    ) async throws -> Workplace.Finished {
        if !folder.exists("said") {
            let made = try await workplace.shell("mkfifo said")
            try #require(made.exit == 0, "\(made.errors)")
        }
        let pipe = CommandPipe(folder.file("said").string)
        let line =
            (ignoring.isEmpty ? "" : "trap '' \(ignoring); ")
            + "exec '\(BuiltPrograms.path("src-snapshot"))' upload -bucket=bucket -credentials=key.json --part-size=5"
            + " -file=primary.sql --partial \(options.joined(separator: " ")) 2>said"
        var finished = try await workplace.run("/bin/sh", ["-c", line], environment: environment) { process in
            try await whileRunning(process, pipe)
        }
        try await pipe.end()
        finished.errors = pipe.text
        return finished
    }
}
