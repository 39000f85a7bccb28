import Foundation
import MigrationKit
import SystemPackage
import TestClusters
import TestSupport
import Testing

/// The same with Terraform itself, where it is installed: outputs and states need no providers.
@Suite(.inTurn) struct RealTerraformTests {
    let place: ResourcesPlace

    init() async throws {
        place = try await ResourcesPlace()
        try place.folder.remove("bin/terraform")
    }

    /// Its folder; nil, and a line that says so, where there is none.
    private static let installed = Task { () async throws -> FilePath? in
        let workplace = try await Workplace()
        for folder in ChildEnvironment.searchPath.split(separator: ":") {
            let program = "\(folder)/terraform"
            guard FileManager.default.isExecutableFile(atPath: program) else { continue }
            // Another program may have the name.
            let told = try await workplace.run(program, ["version"], environment: ["CHECKPOINT_DISABLE": "1"])
            if told.output.hasPrefix("Terraform v") { return FilePath(String(folder)) }
        }
        print("terraform is not installed: mi-migrate resources is tested with a stand-in alone")
        return nil
    }

    private func resources(_ arguments: String...) async throws -> Workplace.Finished? {
        guard let terraform = try await Self.installed.value else { return nil }
        try place.folder.write("terraform.rc", "disable_checkpoint = true\n")
        return try await place.workplace.run(
            BuiltPrograms.path("mi-migrate"), ["resources", "--from=acme"] + arguments,
            environment: [
                "PATH": ChildEnvironment.path([terraform]),
                "TF_CLI_CONFIG_FILE": place.folder.file("terraform.rc").string,
            ])
    }

    /// A state as Terraform keeps it, with a resource of a provider that is part of Terraform.
    private func writeState(outputs: [String: AnyJSON]) throws {
        let resource: AnyJSON = [
            "module": "module.managed_instance", "mode": "managed", "type": "terraform_data", "name": "other",
            "provider": "provider[\"terraform.io/builtin/terraform\"]",
            "instances": [["schema_version": 0, "attributes": ["id": "x"], "sensitive_attributes": []]],
        ]
        let state: AnyJSON = [
            "version": 4, "terraform_version": "1.3.6", "serial": 1, "lineage": "00000000-0000-0000-0000-000000000000",
            "outputs": .object(outputs.mapValues { ["value": $0, "type": "string", "sensitive": true] }),
            "resources": [resource], "check_results": .null,
        ]
        try place.folder.write("acme/terraform.tfstate", state.text)
    }

    @Test func outputsOfAStateAreTaken() async throws {
        let key = try ResourcesPlace.key()
        try writeState(outputs: [
            "snapshot_bucket_name": "acme-snapshot",
            "writer_service_account_key": .string(Data(key.utf8).base64EncodedString()),
        ])
        guard let run = try await resources() else { return }
        #expect(run.exit == 0, "\(run.errors)")
        #expect(try place.folder.text("credential.json") == key)
        guard let missing = try await resources("--admin-password-to=password") else { return }
        #expect(missing.exit == 3)
        #expect(missing.errors.contains("Terraform has no \(ResourcesPlace.address) in acme."), "\(missing.errors)")
    }

    @Test func folderWithoutAStateHasNoOutputs() async throws {
        try place.folder.write("acme/main.tf", "")
        guard let run = try await resources() else { return }
        #expect(run.exit == 3)
        #expect(run.errors.contains("There are no outputs."), "\(run.errors)")
    }

    @Test(arguments: ["backend \"gcs\"", "cloud"])
    func folderThatIsNotInitialisedIsNamed(kind: String) async throws {
        let inner = kind == "cloud" ? "organization = \"x\"\nworkspaces {\nname = \"y\"\n}" : "bucket = \"x\""
        try place.folder.write("acme/main.tf", "terraform {\n\(kind) {\n\(inner)\n}\n}\n")
        guard let run = try await resources() else { return }
        #expect(run.exit == 3)
        #expect(run.errors.contains("acme is not initialized for Terraform."), "\(run.errors)")
    }

    @Test func exampleHasTheOutputsThatAreTaken() throws {
        let file = FilePath(#filePath).removingLastComponent().appending(
            "../../../Examples/terraform/resources/outputs.tf")
        let text = try String(contentsOfFile: file.string, encoding: .utf8)
        for name in ["snapshot_bucket_name", "writer_service_account_key"] {
            #expect(text.contains("output \"\(name)\" {"))
        }
    }
}
