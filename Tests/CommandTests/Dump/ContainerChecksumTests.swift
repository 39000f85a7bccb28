import Foundation
import MigrationKit
import SystemPackage
import TestClusters
import Testing

/// The checksum of a dump, made in the container by what there is, and compared here.
@Suite(.inTurn) struct ContainerChecksumTests {
    let workplace: Workplace

    init() async throws {
        workplace = try await Workplace()
        try workplace.standIn("docker", "kubectl")
        try workplace.writeContainerTargets()
    }

    /// Dumps one database out of a container in which these programs are missing.
    private func dump(_ program: String, without missing: [String], fault: String = "") async throws
        -> Workplace.Finished
    {
        let tools = try FileManager.default.contentsOfDirectory(atPath: ChildEnvironment.tools.string)
        try FileManager.default.createDirectory(
            atPath: workplace.folder.file("inner").string, withIntermediateDirectories: true)
        for tool in tools where !missing.contains(tool) {
            try FileManager.default.createSymbolicLink(
                atPath: workplace.folder.file("inner/\(tool)").string,
                withDestinationPath: ChildEnvironment.tools.appending(tool).string)
        }
        var environment = workplace.container(fault, at: fault.isEmpty ? "" : "codeintel-db")
        environment["STANDIN_PATH"] = "\(workplace.postgres.bin):\(workplace.folder.file("inner"))"
        return try await workplace.snapshot(
            "databases", program, "--targets=targets.yaml", "--run", "--only=codeintel", environment: environment)
    }

    @Test(arguments: ["docker", "kubectl"], [["cksum"], ["sha256sum"]])
    func oneProgramIsEnough(program: String, missing: [String]) async throws {
        let dumped = try await dump(program, without: missing)
        #expect(dumped.exit == 0, "\(dumped.errors)")
        #expect(!dumped.errors.contains("warning"), "\(dumped.errors)")
        #expect(workplace.folder.exists("src-snapshot/codeintel.sql"))
    }

    /// The dump without that row is a dump like any other: nothing else could tell.
    @Test(arguments: ["docker", "kubectl"], [["cksum"], ["sha256sum"]])
    func rowLostOnTheWayIsFound(program: String, missing: [String]) async throws {
        let refused = try await dump(program, without: missing, fault: "lose-row")
        #expect(refused.exit == 4, "\(refused.errors)")
        let said = missing == ["cksum"] ? "the checksums differ." : "it had "
        #expect(
            refused.errors.contains(
                "The dump of codeintel did not arrive as pg_dump wrote it in the container: \(said)"),
            "\(refused.errors)")
        #expect(!workplace.folder.exists("src-snapshot/codeintel.sql"))
    }

    @Test(arguments: ["docker", "kubectl"], [["cksum", "sha256sum"], ["tee"]])
    func containerWithoutAnyIsTold(program: String, missing: [String]) async throws {
        let dumped = try await dump(program, without: missing)
        #expect(dumped.exit == 0, "\(dumped.errors)")
        #expect(
            dumped.errors.contains("codeintel: the container has neither cksum nor sha256sum, or no tee."),
            "\(dumped.errors)")
        #expect(workplace.folder.exists("src-snapshot/codeintel.sql"))
    }
}
