import MigrationKit
import TestClusters
import Testing

/// Dumps through `docker exec` and `kubectl exec`, by stand-ins that really run what they are given.
@Suite(.inTurn) struct ContainerDumpTests {
    let workplace: Workplace

    init() async throws { workplace = try await Workplace() }

    @Test(arguments: ["docker", "kubectl"])
    func dumpsAreThoseOfAServerNearby(program: String) async throws {
        try workplace.standIn(program)
        try workplace.writeContainerTargets()
        let dumped = try await workplace.snapshot(
            "databases", program, "--targets=targets.yaml", "--run", environment: workplace.container())
        #expect(dumped.exit == 0, "\(dumped.errors)")
        let example = try await ExampleSnapshot.shared.workplace.folder
        for database in Database.allCases {
            let name = "src-snapshot/\(database.dumpName)"
            // The key after \restrict is another one every time.
            func lines(_ folder: ScratchFolder) throws -> [Substring] {
                try folder.text(name).split(separator: "\n").filter { !$0.contains("restrict ") }
            }
            #expect(try Array(lines(workplace.folder).difference(from: lines(example))).isEmpty)
        }
    }

    @Test(arguments: ["docker", "kubectl"])
    func noticesDoNoHarm(program: String) async throws {
        try workplace.standIn(program)
        try workplace.writeContainerTargets()
        let dumped = try await workplace.snapshot(
            "databases", program, "--targets=targets.yaml", "--run",
            environment: workplace.container("notice", at: "codeintel-db"))
        #expect(dumped.exit == 0, "\(dumped.errors)")
        #expect(try workplace.folder.text("src-snapshot/codeintel.sql").hasPrefix("--\n-- PostgreSQL database dump\n"))
    }

    @Test func namespaceAndContainerReachKubectl() async throws {
        try workplace.standIn("kubectl", script: "printf '%s\\n' \"$@\" >>kubectl.log; exit 7")
        try workplace.writeTargets { _, lines in
            lines.target = "deploy/pgsql"
            lines.others = ["namespace": "ns", "container": "c"]
        }
        let dumped = try await workplace.snapshot(
            "databases", "kubectl", "--targets=targets.yaml", "--run", "--only=primary")
        #expect(dumped.exit == 3)
        let words = try workplace.folder.text("kubectl.log").split(separator: "\n").prefix(6)
        #expect(words == ["exec", "-i", "--namespace=ns", "--container=c", "deploy/pgsql", "--"])
    }

    @Test func programThatEndsBeforeItReadsThePasswordIsToldAsWhatItIs() async throws {
        try workplace.standIn("kubectl", script: "echo 'error: no such pod' >&2; exit 7")
        // More than a pipe holds, so that it cannot be written before the program ends.
        try workplace.writeTargets { _, lines in
            lines.password = String(repeating: "x", count: 200_000)
            lines.others = [:]
        }
        let dumped = try await workplace.snapshot("databases", "kubectl", "--targets=targets.yaml", "--run")
        #expect(dumped.exit == 3, "\(dumped.status)")
        #expect(dumped.errors.contains("`kubectl` exited with status 7.\n  error: no such pod\n"), "\(dumped.errors)")
    }

    // MARK: What goes wrong

    struct Fault: Sendable, CustomTestStringConvertible {
        var name: String
        /// Some of what is said about it.
        var message: String
        /// Whether the program's own last lines are told.
        var ownLines: [String] = []
        var options: [String] = []
        /// What is not whole is told by 4, a program that fails or hangs by 1.
        var exit: Int32 = 4

        var testDescription: String { name }
    }

    static let faults = [
        Fault(name: "cut 0", message: "The dump is empty."),
        Fault(name: "cut 10", message: "The dump does not end with pg_dump's trailer"),
        Fault(name: "cut 500", message: "The dump does not end with pg_dump's trailer"),
        Fault(name: "cut 999", message: "The dump does not end with pg_dump's trailer"),
        Fault(name: "cut-last 100", message: "The dump does not end with pg_dump's trailer"),
        // Of what closes the dump.
        Fault(name: "cut-last 20", message: "bytes there, and "),
        Fault(name: "cut-all 10", message: "cut off the container's output"),
        Fault(name: "cut-all 500", message: "cut off the container's output"),
        Fault(name: "cut-all 1000", message: "cut off the container's output"),
        Fault(
            name: "late-exit 1", message: "exited with status 1", ownLines: ["error: lost connection to the node"],
            exit: 1),
        Fault(
            name: "late-exit 255", message: "exited with status 255", ownLines: ["error: lost connection to the node"],
            exit: 1),
        Fault(
            name: "inner-exit", message: "exited with 0, but the program in the container with 1.",
            ownLines: [
                "pg_dump: error: Dumping the contents of table \"users\" failed: PQgetResult() failed.",
                "could not read block 7 in file \"base/1/2\": I/O error",
            ]),
        // Long enough that on a busy machine none of the others seems to hang.
        Fault(
            name: "hang", message: "has printed nothing for 20 seconds, so it was stopped.",
            options: ["--stall-timeout=20"], exit: 1),
        Fault(name: "notice-in-dump", message: "A notice of kubectl or docker may have got into the file."),
        Fault(name: "nothing", message: "The dump is empty."),
        Fault(name: "terminal", message: "The dump's lines end in CR LF: it was made through a terminal (-t)"),
        Fault(name: "message", message: "has 1 column, but its COPY has "),
        Fault(name: "lose-row", message: "did not arrive as pg_dump wrote it in the container: it had "),
        Fault(name: "mute", message: "the container did not report the dump's checksum"),
    ]

    @Test(arguments: ["docker", "kubectl"], faults)
    func faultyDumpIsRefused(program: String, fault: Fault) async throws {
        try workplace.standIn(program)
        try workplace.writeContainerTargets()
        let older = "-- an older dump\n"
        try workplace.folder.write("src-snapshot/codeintel.sql", older)
        let dumped = try await workplace.run(
            BuiltPrograms.path("src-snapshot"),
            ["databases", program, "--targets=targets.yaml", "--run", "--force"] + fault.options,
            environment: workplace.container(fault.name, at: "codeintel-db"))
        #expect(dumped.exit == fault.exit)
        #expect(dumped.errors.contains(fault.message), "\(dumped.errors)")
        let final = dumped.errors.split(separator: "\n").first { $0.hasPrefix("error: ") }
        #expect(final?.contains("codeintel") == true && final?.contains("primary") == false, "\(dumped.errors)")
        for line in fault.ownLines { #expect(dumped.errors.contains(line), "\(dumped.errors)") }
        #expect(!dumped.output.contains("codeintel"))

        #expect(try workplace.folder.text("src-snapshot/codeintel.sql") == older)
        #expect(
            try workplace.folder.list("src-snapshot") == [
                "codeinsights.dump.json", "codeinsights.sql", "codeintel.sql", "primary.dump.json",
                "primary.sql",
            ])
        for name in ["primary.sql", "codeinsights.sql"] {
            #expect(
                try workplace.folder.text("src-snapshot/\(name)").contains("-- PostgreSQL database dump complete\n"))
        }
    }

    @Test func severalFailuresAreAllToldInFull() async throws {
        try workplace.standIn("docker")
        try workplace.writeContainerTargets()
        let dumped = try await workplace.snapshot(
            "databases", "docker", "--targets=targets.yaml", "--run",
            environment: workplace.container("inner-exit", at: "codeintel-db codeinsights-db"))
        #expect(dumped.exit == 4)
        let final = dumped.errors.split(separator: "error: 2 of 3 dumps failed.").last ?? ""
        #expect(final.contains("The dump of codeintel failed") && final.contains("The dump of codeinsights failed"))
        #expect(final.split(separator: "could not read block 7").count == 3, "\(dumped.errors)")
    }
}
