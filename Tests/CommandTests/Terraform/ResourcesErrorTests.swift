import Foundation
import MigrationKit
import SystemPackage
import TestClusters
import TestSupport
import Testing

/// What Terraform has that cannot be used: it is named and not shown, and no file is written.
@Suite(.inTurn) struct ResourcesErrorTests {
    let place: ResourcesPlace

    init() async throws {
        place = try await ResourcesPlace()
        try place.write(key: try ResourcesPlace.key())
    }

    private func refused(
        _ arguments: String..., environment: [String: String] = [:], exit: Int32 = 3
    ) async throws -> String {
        let run = try await place.workplace.run(
            BuiltPrograms.path("mi-migrate"), ["resources", "--from=acme"] + arguments, environment: environment)
        #expect(run.exit == exit, "\(run.errors)")
        #expect(run.output == "")
        #expect(!(try place.folder.list(".").contains { $0.hasPrefix("credential.json") }))
        return run.errors
    }

    @Test func missingProgramIsNamed() async throws {
        let path = place.folder.path.appending("bin")
        try place.folder.remove("bin/terraform")
        let message = try await refused(environment: ["PATH": path.string])
        #expect(message.contains("Neither `terraform` nor `tofu` is installed or in PATH."))
        #expect(message.contains("Install Terraform") && !message.contains("postgresql"))
    }

    @Test func folderThatIsNoneIsWrongUsage() async throws {
        for folder in ["nowhere", "acme/outputs.json"] {
            let run = try await place.workplace.migrate("resources", "--from=\(folder)")
            #expect(run.exit == 2)
            #expect(run.errors.contains("\(folder) is not a folder."), "\(run.errors)")
        }
    }

    @Test func folderThatIsNotInitialisedIsNamed() async throws {
        try place.folder.write("acme/uninitialised", "")
        let message = try await refused()
        #expect(message.contains("acme is not initialized for Terraform."))
        #expect(message.contains("Run `terraform init` there"))
    }

    @Test func failureIsToldInTerraformsWords() async throws {
        try place.folder.write("acme/failing", "\u{1B}[31mquerying Cloud Storage")
        let message = try await refused(exit: 1)
        #expect(message.contains("`terraform output -json` exited with status 1 in acme."), "\(message)")
        #expect(message.contains("Error: Failed to load state: \\u{1b}[31mquerying Cloud Storage"), "\(message)")
    }

    @Test func missingOutputsAreNamedBesideThoseThatAreThere() async throws {
        try place.write(outputs: ["snapshot_bucket_name": "acme-snapshot", "region": "us", "a\u{1B}": "x"])
        let one = try await refused()
        #expect(one.contains("Terraform has no output `writer_service_account_key` in acme."))
        #expect(one.contains("Existing outputs: a\\u{1b}, region, snapshot_bucket_name."), "\(one)")
        try place.write(outputs: [:])
        let both = try await refused()
        #expect(both.contains("no output `snapshot_bucket_name` and `writer_service_account_key` in acme."))
        #expect(both.contains("There are no outputs.") && both.contains("terraform apply"))
    }

    static let others = [
        "", "null", "[]", "\"x\"", "{\"snapshot_bucket_name\": \"hunter2\"}", "{\"snapshot_bucket_name\": {}}",
        "{\"snapshot_bucket_name\"", "No outputs found", String(repeating: "[", count: 100_000),
    ]

    @Test(arguments: others)
    func otherJSONIsRefused(json: String) async throws {
        try place.folder.write("acme/outputs.json", json)
        let message = try await refused(exit: 1)
        #expect(message.contains("does not print outputs"), "\(message)")
        #expect(!message.contains("hunter2"))
        try place.write(key: try ResourcesPlace.key())
        try place.folder.write("acme/state.json", json)
        let state = try await refused("--admin-password-to=password", exit: 1)
        #expect(state.contains("does not print a state"), "\(state)")
    }

    @Test func stateWithoutValuesHasNoPassword() async throws {
        try place.folder.write("acme/state.json", "{\"format_version\":\"1.0\"}")
        #expect(try await refused("--admin-password-to=password").contains("The state has no resources."))
    }

    @Test(arguments: ["acme/snapshot", "./acme", "gs://acme-snapshot", "A", "acme\nsnapshot", "--acme snapshot"])
    func nameThatIsNoBucketIsRefused(name: String) async throws {
        try place.write(key: try ResourcesPlace.key(), bucket: name)
        let message = try await refused()
        #expect(message.contains("`snapshot_bucket_name` is not a valid bucket name"), "\(message)")
        #expect(message.split(separator: "\n").count == 2, "\(message)")
    }

    @Test func outputsThatAreNoTextsAreRefused() async throws {
        for value: AnyJSON in [7, "", .null, ["a"], ["type": "service_account"]] {
            try place.write(outputs: ["snapshot_bucket_name": "acme", "writer_service_account_key": value])
            #expect(try await refused().contains("`writer_service_account_key` in acme is empty or not a string."))
        }
    }

    private static let damagedKeys: [(@Sendable () throws -> String, String)] = [
        ({ "hunter2!" }, "is neither JSON nor base64"),
        ({ Data("hunter2".utf8).base64EncodedString() }, "is not a JSON object"),
        ({ "{\"type\": \"hunter2\"" }, "is not a JSON object"),
        ({ try ResourcesPlace.key { $0["type"] = "authorized_user" } }, "is not a service account's key"),
        ({ try ResourcesPlace.key { $0["private_key"] = "hunter2" } }, "is not an RSA key in PEM format"),
        ({ try ResourcesPlace.key { $0["private_key"] = nil } }, "`private_key` is missing"),
        ({ try ResourcesPlace.key { $0["client_email"] = nil } }, "`client_email` is missing"),
        ({ try ResourcesPlace.key { $0["token_uri"] = "http://example.com/hunter2" } }, "is not https"),
        ({ String(try ResourcesPlace.key().dropLast(400)) }, "is not a JSON object"),
        ({ String(Data(try ResourcesPlace.key().utf8).base64EncodedString().dropLast(1)) }, "neither JSON nor base64"),
    ]

    @Test(arguments: damagedKeys.indices)
    func keyThatCannotSignIsNotHandedOn(index: Int) async throws {
        let (key, problem) = Self.damagedKeys[index]
        try place.write(key: try key())
        let message = try await refused()
        #expect(message.contains(problem), "\(message)")
        #expect(message.contains("utput `writer_service_account_key`"), "\(message)")
        #expect(!message.contains("hunter2") && !message.contains("BEGIN"), "\(message)")
    }
}
