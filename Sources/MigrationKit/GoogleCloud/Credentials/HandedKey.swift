internal import MigrationKitFoundation

/// A service account's key that is handed on to somebody, as it came out of Terraform.
package struct HandedKey {
    /// The file's bytes.
    package let json: [UInt8]
    /// The account's address.
    package let account: String

    /// Reads a key.
    ///
    /// - Parameters:
    ///   - text: JSON, or base64 of it, as Terraform's `google_service_account_key` has it in `private_key`.
    ///   - name: Where it is from, for messages.
    /// - Throws: ``MigrationError`` if it is something else or cannot sign. Nothing of it is shown.
    package init(_ text: String, named name: String) throws {
        func refused(_ problem: String) -> MigrationError {
            MigrationError(
                .unmetRequirement, "\(name) \(problem).",
                next: "It must be the `private_key` of a google_service_account_key, or the JSON inside it.")
        }
        let bytes: Data
        if text.first(where: { !$0.isWhitespace }) == "{" {
            bytes = Data(text.utf8)
        } else if let decoded = Data(base64Encoded: text.filter { !$0.isWhitespace }) {
            bytes = decoded
        } else {
            throw refused("is neither JSON nor base64")
        }
        guard let values = (try? JSONDecoder().decode(JSONValue.self, from: bytes))?.members else {
            throw refused("is not a JSON object")
        }
        guard values["type"]?.text == "service_account" else { throw refused("is not a service account's key") }
        do {
            account = try ServiceAccountKey(CredentialFields(file: name, values: values)).email
        } catch let error as MigrationError {
            throw MigrationError(
                .unmetRequirement, error.message,
                next: "Create a new key: terraform apply -replace=ADDRESS_OF_THE_KEY.")
        }
        json = Array(bytes)
    }
}
