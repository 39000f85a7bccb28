package import SystemPackage

/// Takes what Terraform has made for a customer: the bucket's name and the key that can only create objects in it.
///
/// 1. Terraform tells its outputs, and its state if the administrator's password is wanted.
/// 2. All of it is checked.
/// 3. Only then are files written, readable by their owner alone.
package struct TakeResources: Sendable {
    /// Where the customer's resources were applied.
    package var folder: TerraformFolder
    /// Where the key is written to.
    package var credentials: FilePath
    /// Where the administrator's password is written to; nil: nowhere, and nobody asks for it.
    package var adminPassword: FilePath?
    /// Where the instance was applied; nil: in ``folder``.
    package var instance: TerraformFolder?
    /// Whether other files may be replaced.
    package var replaces = false

    /// The outputs' names.
    ///
    /// Source: sourcegraph/handbook, "MI v1.1 on-prem data migration", "Create migration resources".
    static let outputs = ["snapshot_bucket_name", "writer_service_account_key"]

    /// Names the folder, and the file for the key; see the properties.
    package init(from folder: TerraformFolder, credentials: FilePath = "credential.json") {
        self.folder = folder
        self.credentials = credentials
    }

    /// What there is to share with the customer.
    package struct Taken: Sendable, Encodable {
        /// The bucket's name.
        package var bucket: String
        /// Whose key it is.
        package var account: String
        /// The file that the key was written to.
        package var credentials: String
        /// What the customer runs, with the key beside it.
        package var upload: String
        /// The file that the administrator's password was written to.
        package var adminPassword: String?
    }

    /// Does it.
    ///
    /// - Returns: What there is to share. The key and the password are in their files only.
    /// - Throws: ``MigrationError`` if Terraform fails, an output is missing or is not what it has to be, or a file is in
    ///   the way; then nothing was written.
    package func run() async throws -> Taken {
        let texts = try await folder.outputs().texts(Self.outputs)
        let bucket = try bucket(texts[0])
        let key = try HandedKey(texts[1], named: "The output `\(Self.outputs[1])`")
        var files = [SecretFile(path: credentials, bytes: key.json)]
        if let adminPassword {
            guard adminPassword.lexicallyNormalized() != credentials.lexicallyNormalized() else {
                throw MigrationError(.usage, "\(credentials) cannot be used for both the key and the password.")
            }
            let password = try await (instance ?? folder).state().password()
            files.append(SecretFile(path: adminPassword, bytes: Array("\(password.revealed)\n".utf8)))
        }
        for file in files { try file.check(replaces: replaces) }
        for file in files { try await file.write() }
        let name = credentials.lastComponent?.string ?? credentials.string
        return Taken(
            bucket: bucket, account: key.account, credentials: credentials.string,
            upload: "src-snapshot upload --bucket=\(bucket) \("--credentials=\(name)".shellQuoted)",
            adminPassword: adminPassword?.string)
    }

    private func bucket(_ name: String) throws -> String {
        guard case .googleCloudStorage(name, "") = try? BucketLocation(name) else {
            throw MigrationError(
                .unmetRequirement, "The output `\(Self.outputs[0])` is not a valid bucket name: `\(name.printable)`.",
                next: "Fix the output and apply it.")
        }
        return name
    }
}
