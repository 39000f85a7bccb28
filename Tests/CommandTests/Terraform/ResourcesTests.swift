import Foundation
import MigrationKit
import SystemPackage
import TestClusters
import TestSupport
import Testing

/// What `mi-migrate resources` takes from Terraform, and where that goes.
@Suite(.inTurn) struct ResourcesTests {
    let place: ResourcesPlace

    init() async throws { place = try await ResourcesPlace() }

    @Test(arguments: [true, false])
    func keyIsWrittenForItsOwnerAlone(isEncoded: Bool) async throws {
        let key = try ResourcesPlace.key()
        try place.write(key: isEncoded ? Data(key.utf8).base64EncodedString() : key)
        let run = try await place.resources(environment: ["TF_LOG": "trace", "TF_CLI_ARGS": "-bogus"])
        #expect(run.exit == 0, "\(run.errors)")
        #expect(try place.folder.text("credential.json") == key)
        #expect(try place.folder.mode("credential.json") == 0o600)
        #expect(run.output.contains("\nsrc-snapshot upload --bucket=acme-snapshot --credentials=credential.json\n"))
        #expect(run.output.hasPrefix("bucket   acme-snapshot\n"))
        #expect(run.output.contains("uploader@example-project.iam.gserviceaccount.com"))
        #expect(run.errors.contains("not by mail or chat"))
        #expect(try place.folder.list(".") == ["acme", "bin", "credential.json", "seen"])
    }

    @Test(arguments: [
        "[command]/opt/terraform/terraform-bin output -json",
        "There was an error connecting to HCP Terraform. Trying to restore the connection...\n",
    ])
    func whatIsSaidBeforeTheOutputsIsPassedOver(noise: String) async throws {
        try place.write(key: try ResourcesPlace.key())
        try place.folder.write("acme/outputs.json", noise + "\n" + (try place.folder.text("acme/outputs.json")))
        let run = try await place.resources()
        #expect(run.exit == 0, "\(run.errors)")
        #expect(try place.folder.text("credential.json") == (try ResourcesPlace.key()))
    }

    @Test func openTofuIsAskedWhereThereIsNoTerraform() async throws {
        try place.write(key: try ResourcesPlace.key())
        try FileManager.default.moveItem(
            atPath: place.folder.file("bin/terraform").string, toPath: place.folder.file("bin/tofu").string)
        // Nothing but what the stand-in itself needs.
        for name in ["env", "cat"] {
            try place.folder.write("bin/\(name)", "#!/bin/sh\nPATH=/usr/bin:/bin exec \(name) \"$@\"\n", mode: 0o755)
        }
        let run = try await place.resources(environment: ["PATH": place.folder.file("bin").string])
        #expect(run.exit == 0, "\(run.errors)")
        #expect(try place.folder.text("credential.json") == (try ResourcesPlace.key()))
        try place.folder.write("acme/failing", "no state")
        let failed = try await place.resources("--force", environment: ["PATH": place.folder.file("bin").string])
        #expect(failed.errors.contains("`tofu output -json` exited with status 1 in acme."), "\(failed.errors)")
    }

    @Test func secretsAreInTheirFilesAndNowhereElse() async throws {
        try place.write(key: Data(try ResourcesPlace.key().utf8).base64EncodedString())
        try place.write(password: "hunter2")
        let runs = [
            try await place.resources("--admin-password-to=password", "--verbose"),
            try await place.resources("--admin-password-to=password", "--json", "--force"),
        ]
        let seen = try place.folder.text("seen")
        let secrets = ["hunter2", "PRIVATE KEY", "BEGIN", String(try ResourcesPlace.key().suffix(200).prefix(40))]
        for text in runs.flatMap({ [$0.output, $0.errors] }) + [seen] {
            for secret in secrets { #expect(!text.contains(secret), "\(text)") }
        }
        #expect(runs.map(\.exit) == [0, 0])
        #expect(try place.folder.text("password") == "hunter2\n")
        #expect(try place.folder.mode("password") == 0o600)
    }

    @Test func programsAreToldWhatThereIsToShare() async throws {
        try place.write(key: try ResourcesPlace.key())
        let run = try await place.resources("--json", "--credentials-to=acme's key.json")
        #expect(run.exit == 0, "\(run.errors)")
        let result = try CommandLines(run.output).objects.last as? [String: [String: String]]
        #expect(
            result?["result"] == [
                "bucket": "acme-snapshot", "account": "uploader@example-project.iam.gserviceaccount.com",
                "credentials": "acme's key.json",
                "upload": #"src-snapshot upload --bucket=acme-snapshot '--credentials=acme'\''s key.json'"#,
            ])
    }

    @Test func otherFileIsNotReplacedUnlessAsked() async throws {
        let key = try ResourcesPlace.key()
        try place.write(key: key)
        try place.folder.write("credential.json", "another customer's", mode: 0o644)
        let refused = try await place.resources()
        #expect(refused.exit == 3)
        #expect(refused.errors.contains("credential.json already exists, with other contents."))
        #expect(refused.errors.contains("--force"))
        #expect(try place.folder.text("credential.json") == "another customer's")
        #expect(try await place.resources("--force").exit == 0)
        #expect(try place.folder.text("credential.json") == key)
        #expect(try place.folder.mode("credential.json") == 0o600)
        // The same key again is no other file.
        try place.folder.write("credential.json", key, mode: 0o644)
        #expect(try await place.resources().exit == 0)
        #expect(try place.folder.mode("credential.json") == 0o600)
    }

    @Test func nothingIsWrittenIfOneOfTwoFilesIsInTheWay() async throws {
        try place.write(key: try ResourcesPlace.key())
        try place.write(password: "hunter2")
        try place.folder.write("password", "other")
        let refused = try await place.resources("--admin-password-to=password")
        #expect(refused.exit == 3)
        #expect(!place.folder.exists("credential.json"))
        let folder = try await place.resources("--credentials-to=bin", "--force")
        #expect(folder.exit == 2 && folder.errors.contains("bin exists and is not a file."))
        let same = try await place.resources("--admin-password-to=./credential.json")
        #expect(same.exit == 2, "\(same.errors)")
        #expect(!place.folder.exists("credential.json"))
    }

    @Test func passwordComesFromTheInstancesFolder() async throws {
        try place.write(key: try ResourcesPlace.key())
        try place.write(password: "hunter2", to: "deployment")
        let run = try await place.resources("--admin-password-from=deployment", "--admin-password-to=password")
        #expect(run.exit == 0, "\(run.errors)")
        #expect(try place.folder.text("password") == "hunter2\n")
        #expect(try await place.resources("--admin-password-from=deployment").exit == 2)
    }

    @Test func passwordThatIsNotThereIsNamed() async throws {
        try place.write(key: try ResourcesPlace.key())
        try place.write(password: "hunter2", address: "module.other.random_password.db")
        let missing = try await place.resources("--admin-password-to=password")
        #expect(missing.exit == 3)
        #expect(missing.errors.contains("Terraform has no \(ResourcesPlace.address) in acme."))
        #expect(missing.errors.contains("Existing passwords: module.other.random_password.db."))
        for odd: AnyJSON in ["", "a\nb", 7, .null] {
            try place.write(password: odd)
            let refused = try await place.resources("--admin-password-to=password")
            #expect(refused.exit == 3 && refused.errors.contains("has no `result`"), "\(refused.errors)")
        }
        #expect(!place.folder.exists("credential.json") && !place.folder.exists("password"))
    }
}
