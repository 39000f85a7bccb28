import Foundation
import MigrationKit
import SystemPackage
import TestClusters
import Testing

/// The same questions through `docker exec` and `kubectl exec`, by stand-ins that really run what they are given.
@Suite(.inTurn) struct ContainerRequirementTests {
    let postgres: ScratchPostgres

    init() async throws {
        postgres = try await ScratchPostgres.shared
        _ = try await Self.standIns.value
    }

    /// The stand-ins, in a folder that is in this process's PATH: what they have to know stands in them, and what goes
    /// wrong goes by the container's name.
    private static let standIns = Task {
        let postgres = try await ScratchPostgres.shared
        let folder = try ScratchFolder(in: postgres.folder)
        try folder.write("old/pg_dump", "#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n", mode: 0o755)
        try folder.write("none/psql", "#!/bin/sh\nexec '\(postgres.bin)/psql' \"$@\"\n", mode: 0o755)
        try folder.write(
            "strange/psql",
            """
            #!/bin/sh
            case $(cat) in
            *JSON* | *json*) echo '[1, "2' ;;
            *) printf '%s|150018|1|f\\n' "$(printf '%s' "$*" | sed 's/.*src_snapshot.probe=\\([0-9]*\\).*/\\1/')" ;;
            esac

            """, mode: 0o755)
        for program in ["sh", "cat", "dd"] {
            try FileManager.default.createSymbolicLink(
                atPath: folder.file("none/\(program)").string, withDestinationPath: "/bin/\(program)")
        }
        let place = FilePath(#filePath).removingLastComponent().appending("../StandIns")
        for program in ["docker", "kubectl"] {
            let script = """
                #!/bin/sh
                export STANDIN_PGHOST='\(postgres.source.socket)' STANDIN_PGPORT=\(postgres.source.port)
                export STANDIN_SCRATCH='\(folder.path)' STANDIN_PATH='\(ChildEnvironment.path([postgres.bin]))'
                case " $* " in
                *' old '*) STANDIN_PATH='\(folder.file("old"))':$STANDIN_PATH ;;
                *' none '*) STANDIN_PATH='\(folder.file("none"))' ;;
                *' strange '*) STANDIN_PATH='\(folder.file("strange"))':$STANDIN_PATH ;;
                *' gone '*) echo 'Error: No such container: gone' >&2; exit 1 ;;
                *' silent '*) exit 0 ;;
                esac
                exec '\(place)/\(program)' "$@"

                """
            let file = ChildEnvironment.standIns.appending(program)
            try script.write(toFile: file.string, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.string)
        }
        return folder
    }

    static let transports = [DumpTransport.docker, .kubectl]

    private func check(
        _ transport: DumpTransport, _ container: String, password: String? = nil
    ) async throws -> [Finding] {
        let target = DatabaseTarget(
            target: container, dbname: "sg", username: "sg", password: Secret(password ?? postgres.source.password))
        return try await DatabaseRequirements(PgDump(.primary, transport: transport, target: target)).check()
    }

    @Test(arguments: transports) func answersAreThoseOfAServerNearby(transport: DumpTransport) async throws {
        let place = try await RequirementsPlace()
        let near = try await DatabaseRequirements(place.dumper("sg")).check()
        #expect(try await check(transport, "pgsql") == near)
    }

    @Test(arguments: transports) func wrongPasswordIsToldAndNotShown(transport: DumpTransport) async throws {
        let found = try await check(transport, "pgsql", password: "wrong-and-secret")
        #expect(found.map(\.name) == ["reachable"])
        #expect(found.reason.contains("password authentication failed"), "\(found)")
        #expect(!"\(found)".contains("wrong-and-secret"))
    }

    /// It shares standard input with the question.
    @Test(arguments: transports, ["a\nb\n\n", "12\n34", "naïve 👩‍👩‍👧 \\ '\"$(x)", " "])
    func passwordOfWhateverBytesArrives(transport: DumpTransport, password: String) async throws {
        let place = try await RequirementsPlace()
        try await place.with("") { name in
            try await place.withRole(in: name) { role in
                let literal = password.replacing("'", with: "''")
                try await place.postgres.source.sql("ALTER ROLE \(role) PASSWORD '\(literal)'")
                let target = DatabaseTarget(
                    target: "pgsql", dbname: name, username: role, password: Secret(password))
                let found = try await DatabaseRequirements(PgDump(.primary, transport: transport, target: target))
                    .check()
                #expect(found["reachable"].map(\.verdict) == [.pass], "\(found)")
                #expect(found["contents"].map(\.verdict) == [.pass], "\(found)")
            }
        }
    }

    /// Nor is the question taken for one.
    @Test(arguments: transports + [.pgDump]) func missingPasswordIsTold(transport: DumpTransport) async throws {
        let target = DatabaseTarget(
            target: transport == .pgDump ? "127.0.0.1" : "pgsql", dbname: "sg", username: "sg", password: Secret(""),
            port: transport == .pgDump ? postgres.source.port : nil)
        let found = try await DatabaseRequirements(PgDump(.primary, transport: transport, target: target)).check()
        #expect(found.map(\.name) == ["reachable"])
        #expect(found.reason.contains("no password supplied"), "\(found)")
    }

    @Test(arguments: transports) func missingContainerIsTold(transport: DumpTransport) async throws {
        let found = try await check(transport, "gone")
        #expect(found.map(\.name) == ["reachable"])
        #expect(found.reason.contains("No such container: gone"), "\(found)")
    }

    @Test(arguments: transports) func outputThatIsCutOffIsNoAnswer(transport: DumpTransport) async throws {
        let found = try await check(transport, "silent")
        #expect(found.map(\.name) == ["reachable"])
        #expect(found.reason.contains("cut off the container's output"), "\(found)")
    }

    @Test(arguments: transports) func pgDumpOfTheContainerIsJudged(transport: DumpTransport) async throws {
        let old = try await check(transport, "old")
        #expect(old.failed == ["pg-dump"], "\(old)")
        #expect(old["pg-dump"].reason.contains("(`pg_dump (PostgreSQL) 9.6.24`) is older than the server"))
        let none = try await check(transport, "none")
        #expect(none.failed == ["pg-dump"], "\(none)")
        #expect(none["pg-dump"].reason.contains("not found"))
    }

    @Test(arguments: transports) func answersThatAreNoneAreErrors(transport: DumpTransport) async throws {
        let found = try await check(transport, "strange")
        #expect(found.failed == ["dumpable", "extensions", "settings", "encryption", "contents"], "\(found)")
        for one in found where one.verdict == .fail {
            #expect(one.reason.contains("the server answered `[1, \"2"), "\(one)")
        }
    }
}
