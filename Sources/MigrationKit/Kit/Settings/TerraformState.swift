internal import SystemPackage

/// What `terraform show -json` prints: the resources of a state, by module.
///
/// Source: "JSON Output Format" in Terraform's documentation, format version 1.
struct TerraformState {
    private let root: JSONValue?
    private let folder: FilePath

    /// The administrator's password of a managed instance's databases.
    ///
    /// Source: sourcegraph/handbook, "MI v1.1 on-prem data migration", "Import databases".
    static let adminPassword = "module.managed_instance.random_password.db_main_admin_password"

    /// - Throws: ``MigrationError`` if it is JSON of another shape, or none. Nothing of it is shown.
    init(json: [UInt8], folder: FilePath) throws {
        let state = try? JSONText.decode(JSONValue.self, from: json)
        guard let version = state?["format_version"]?.text, version.hasPrefix("1.") || version.hasPrefix("0.") else {
            throw MigrationError(
                .failed, "`terraform show -json` in \(folder) does not print a state.",
                next: "Check which program `terraform` is, and that it is 1.0 or later.")
        }
        root = state?["values"]?["root_module"]
        self.folder = folder
    }

    /// The generated text of a `random_password`.
    ///
    /// - Parameter address: The resource's, with its modules.
    /// - Throws: ``MigrationError`` if there is none, or it is no line of text.
    func password(at address: String = adminPassword) throws -> Secret {
        let resources = Self.resources(in: root)
        guard let resource = resources.first(where: { $0["address"]?.text == address }) else {
            let others = resources.filter { $0["type"]?.text == "random_password" }.compactMap { $0["address"]?.text }
            throw MigrationError(
                .unmetRequirement, "Terraform has no \(address) in \(folder).",
                next: "Set the folder of the instance's deployment with --admin-password-from=DIR.",
                details: resources.isEmpty
                    ? ["The state has no resources."]
                    : others.isEmpty ? [] : ["Existing passwords: \(others.sorted().joined(separator: ", "))."])
        }
        guard let text = resource["values"]?["result"]?.text, !text.isEmpty, text == text.printable else {
            throw MigrationError(
                .unmetRequirement, "\(address) in \(folder) has no `result` that is one line of text.",
                next: "Check it with `terraform show`.")
        }
        return Secret(known: text)
    }

    /// Those of a module and of all below it. The decoder has bounded how deep that can be.
    private static func resources(in module: JSONValue?) -> [JSONValue] {
        guard let module else { return [] }
        return (module["resources"]?.elements ?? [])
            + (module["child_modules"]?.elements ?? []).flatMap { resources(in: $0) }
    }
}
