import CryptoExtras
import FakeGoogle
import Foundation
import MigrationKit
import SystemPackage
import TestClusters
import TestSupport

/// An operator's folder, with Terraform's answers in `acme`.
struct ResourcesPlace: Sendable {
    let workplace: Workplace

    var folder: ScratchFolder { workplace.folder }

    static let address = "module.managed_instance.random_password.db_main_admin_password"

    init() async throws {
        workplace = try await Workplace()
        try workplace.standIn("terraform")
    }

    /// The customer's key, as Google hands it out.
    static func key(_ change: (inout [String: AnyJSON]) -> Void = { _ in }) throws -> String {
        let account = try FakeServiceAccount.shared.get()
        var fields: [String: AnyJSON] = [
            "type": "service_account", "project_id": "acme-migration", "private_key_id": .string(account.keyID),
            "private_key": .string(account.privateKey), "client_email": .string(account.email),
            "token_uri": "https://oauth2.googleapis.com/token",
        ]
        change(&fields)
        return AnyJSON.object(fields).text
    }

    /// Writes what `terraform output -json` prints.
    func write(outputs: [String: AnyJSON]) throws {
        let all = outputs.mapValues { AnyJSON.object(["sensitive": true, "type": "string", "value": $0]) }
        try folder.write("acme/outputs.json", AnyJSON.object(all).text)
    }

    func write(key: String, bucket: String = "acme-snapshot") throws {
        try write(outputs: ["snapshot_bucket_name": .string(bucket), "writer_service_account_key": .string(key)])
    }

    /// Writes what `terraform show -json` prints, with the administrator's password in a module of a module.
    func write(password: AnyJSON, address: String = address, to name: String = "acme") throws {
        let resource: AnyJSON = [
            "address": .string(address), "mode": "managed", "type": "random_password",
            "values": ["length": 7, "result": password],
        ]
        let outer: AnyJSON = ["address": "module.managed_instance", "resources": [resource]]
        let state: AnyJSON = [
            "format_version": "1.0", "terraform_version": "1.3.6",
            "values": ["outputs": [:], "root_module": ["resources": [], "child_modules": [outer]]],
        ]
        try folder.write("\(name)/state.json", state.text)
    }

    func resources(_ arguments: String..., environment: [String: String] = [:]) async throws -> Workplace.Finished {
        try await workplace.run(
            BuiltPrograms.path("mi-migrate"), ["resources", "--from=acme"] + arguments, environment: environment)
    }
}
