internal import Logging

/// A long command on the machine of an instance. It goes on when the connection breaks, or whoever has begun it dies,
/// and is found again by its name.
struct InstanceJob: Sendable {
    let shell: InstanceShell
    /// Of this job alone: letters, digits, `.` and `-`.
    let name: String

    /// How a job ended.
    struct Outcome: Sendable {
        var status: Int32
        /// The last that it printed.
        var lastLines: [String]
    }

    /// Where jobs are, for the shell.
    private static let folder = #""${XDG_STATE_HOME:-$HOME/.local/state}/mi-migrate""#
    private static let linesKept = 200
    private static let chunk = 64 << 10
    /// Nobody reads more than this of what was missed.
    private static let backlog = 1 << 20
    /// How often it is looked before nothing is told: for ten seconds.
    private static let looks = 57

    /// Where all that it prints can be read.
    var place: String { "~/.local/state/mi-migrate/\(name)/output on \(shell.address.name)" }

    /// Runs a script to its end; one of the same name that runs already, or has ended, is not begun again.
    ///
    /// - Parameters:
    ///   - script: For a POSIX shell. `$job` is a folder of its own.
    ///   - onLine: Takes each line that it prints.
    ///   - onLook: Called now and then while it runs.
    /// - Throws: ``MigrationError`` if the machine cannot be reached, or was restarted meanwhile.
    func run(
        _ script: String, onLine: (String) -> Void = { _ in }, onLook: () async throws -> Void = {}
    ) async throws -> Outcome {
        try await begin(script)
        var lines = Lines()
        var offset: Int64 = 0
        while true {
            let look = try await look(from: offset)
            for line in lines.take(look.text) {
                Logger(label: "MigrationKit").debug("\(shell.address.name): \(line)")
                onLine(line)
            }
            offset = look.next
            switch look.state {
            case .ended(let status) where offset >= look.size:
                return Outcome(status: status, lastLines: lines.last + lines.take("\n"))
            case .lost:
                throw MigrationError(
                    .cutOff,
                    "A command on \(shell.address.name) was cut off: the machine restarted, or somebody ended the "
                        + "command.",
                    next: "Run the same command again: it repeats this step.", details: Array(lines.last.suffix(20)))
            default: break
            }
            try await onLook()
        }
    }

    // MARK: On the machine

    /// Whoever starts it may die in between, so that it may be started twice: the first has it.
    private func begin(_ script: String) async throws {
        let runner = """
            cd "$1" && mkdir claim 2>/dev/null || exit 0
            cat /proc/sys/kernel/random/boot_id >boot 2>/dev/null
            echo $$ >process
            job=$1 sh ./script >output 2>&1
            echo $? >status.part && mv status.part status
            """
        let reply = try await shell.run(
            """
            umask 077
            jobs=\(Self.folder)
            job=$jobs/\(name.shellQuoted)
            mkdir -p "$job" || exit 1
            find "$jobs" -mindepth 1 -maxdepth 1 -mtime +30 -exec rm -rf {} + 2>/dev/null
            [ -e "$job/script" ] || {
                printf '%s\\n' \(script.shellQuoted) >"$job/script.$$" && mv "$job/script.$$" "$job/script" || exit 1
            }
            [ -d "$job/claim" ] ||
                $(command -v setsid || echo nohup) sh -c \(runner.shellQuoted) - "$job" >/dev/null 2>&1 </dev/null &
            exit 0
            """)
        guard reply.status == 0 else {
            throw MigrationError(
                .failed, "A command could not be started on \(shell.address.name).",
                next: "Check that there is free disk space in the home folder there.", details: reply.errors)
        }
    }

    private struct Look {
        enum State {
            case running
            case ended(Int32)
            case lost
        }
        var state: State
        var size: Int64
        var next: Int64
        var text: String
    }

    /// What was printed since; waits a little where that is nothing. The status is read before the output: where it is
    /// there, so is all of the output.
    private func look(from offset: Int64) async throws -> Look {
        let reply = try await shell.run(
            """
            cd \(Self.folder)/\(name.shellQuoted) || exit 1
            before= now= size=0
            [ ! -s boot ] || { read -r before <boot; read -r now </proc/sys/kernel/random/boot_id; }
            alive() {
                [ -s process ] || { [ -z "$(find claim -mmin +2 2>/dev/null)" ]; return; }
                [ "$before" = "$now" ] && read -r process <process && kill -0 "$process" 2>/dev/null
            }
            measure() { [ ! -e output ] || size=$(($(wc -c <output))); }
            n=0
            while measure; [ ! -e status ] && [ $size -le \(offset) ] && [ $n -lt \(Self.looks) ] && alive; do
                case $n in [0-3]) sleep 0.02 ;; [4-7]) sleep 0.05 ;; *) sleep 0.2 ;; esac
                n=$((n + 1))
            done
            state=lost
            ! alive || state=running
            [ ! -e status ] || read -r state <status
            measure
            from=\(offset)
            [ $((size - from)) -le \(Self.backlog) ] || from=$((size - \(Self.chunk)))
            end=$((from + \(Self.chunk)))
            [ $end -le $size ] || end=$size
            echo "$state $size $end"
            [ $end -le $from ] || tail -c +$((from + 1)) output | head -c $((end - from))
            """)
        let header = reply.output.prefix { $0 != "\n" }
        let words = header.split(separator: " ")
        guard reply.status == 0, words.count == 3, let size = Int64(words[1]), let next = Int64(words[2]),
            next >= offset
        else {
            throw MigrationError(
                .cutOff, "The state of a command on \(shell.address.name) is not known.",
                next: "Check \(place), then run the same command again.", details: reply.errors)
        }
        let state: Look.State =
            words[0] == "running" ? .running : Int32(words[0]).map { .ended($0) } ?? .lost
        return Look(state: state, size: size, next: next, text: String(reply.output.dropFirst(header.count + 1)))
    }

    /// Puts lines together that came in pieces.
    private struct Lines {
        var last: [String] = []
        private var open = ""

        mutating func take(_ text: String) -> [String] {
            let pieces = (open + text).split(omittingEmptySubsequences: false) { $0.isNewline }
            open = String((pieces.last ?? "").suffix(4000))
            let lines = pieces.dropLast().filter { !$0.isEmpty }.map { String($0.prefix(4000)) }
                .redacted.map(\.singleSpaced.printable)
            last = (last + lines).suffix(InstanceJob.linesKept)
            return lines
        }
    }
}
