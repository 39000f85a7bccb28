internal import SystemPackage

/// What `terraform output -json` prints: an object of outputs, each with its value.
struct TerraformOutputs {
    private let values: [String: JSONValue]
    private let folder: FilePath

    /// - Throws: ``MigrationError`` if it is JSON of another shape, or none. Nothing of it is shown.
    init(json: [UInt8], folder: FilePath) throws {
        guard case .object(let outputs)? = try? JSONText.decode(JSONValue.self, from: json) else {
            throw Self.misshapen(folder)
        }
        values = try outputs.mapValues { output in
            guard let value = output["value"] else { throw Self.misshapen(folder) }
            return value
        }
        self.folder = folder
    }

    /// The texts of some outputs.
    ///
    /// - Throws: ``MigrationError`` that names those that are missing and those that are there, or the one that is no
    ///   text.
    func texts(_ names: [String]) throws -> [String] {
        let missing = names.filter { values[$0] == nil }
        guard missing.isEmpty else {
            let there = values.keys.sorted().map(\.printable).joined(separator: ", ")
            throw MigrationError(
                .unmetRequirement,
                "Terraform has no output \(missing.map { "`\($0)`" }.joined(separator: " and ")) in \(folder).",
                next: values.isEmpty
                    ? "Run `terraform apply` there, or select the workspace where it was run."
                    : "Use the folder of the customer's resources.",
                details: [values.isEmpty ? "There are no outputs." : "Existing outputs: \(there)."])
        }
        return try names.map { name in
            guard let text = values[name]?.text, !text.isEmpty else {
                throw MigrationError(
                    .unmetRequirement, "The output `\(name)` in \(folder) is empty or not a string.",
                    next: "Fix the output, and apply it.")
            }
            return text
        }
    }

    private static func misshapen(_ folder: FilePath) -> MigrationError {
        MigrationError(
            .failed, "`terraform output -json` in \(folder) does not print outputs.",
            next: "Check which program `terraform` is, and that it is 1.0 or later. Turn off any wrapper "
                + "(setup-terraform: `terraform_wrapper: false`).")
    }
}
