import ArgumentParser
import MigrationKitCommandSupport
import SystemPackage

/// `mi-migrate resources`
struct Resources: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Takes the bucket's name and the customer's key from Terraform, and says what to share.",
        discussion: """
            Terraform (or OpenTofu) is asked for the outputs snapshot_bucket_name and writer_service_account_key of a \
            folder that it was applied in. The key is written to a file that only you can read, and shown nowhere. \
            Examples/terraform/resources has such outputs.

            With --admin-password-to, the password of the instance's databases is written to another file: that of \
            module.managed_instance.random_password.db_main_admin_password.

            Examples:
              mi-migrate resources --from=customers/acme/resources
              mi-migrate resources --from=. --credentials-to=acme.json --json
              mi-migrate resources --from=resources --admin-password-from=deployment --admin-password-to=password.txt
            """
    )

    @Option(name: .goStyle("from"), help: "The folder that the customer's resources were applied in.")
    var from: String

    @Option(name: .goStyle("credentials-to"), help: "The file for the customer's key.")
    var credentialsTo = "credential.json"

    @Option(name: .goStyle("admin-password-to"), help: "Write the administrator's password to this file, too.")
    var adminPasswordTo: String?

    @Option(
        name: .goStyle("admin-password-from"),
        help: "The folder that the instance was applied in, if it is another one.")
    var adminPasswordFrom: String?

    @Flag(name: .goStyle("force"), help: "Replace files that are there.")
    var force = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
        for (name, value) in [
            ("from", from), ("credentials-to", credentialsTo), ("admin-password-to", adminPasswordTo),
            ("admin-password-from", adminPasswordFrom),
        ] where value == "" { throw ValidationError("--\(name) is empty.") }
        if adminPasswordFrom != nil, adminPasswordTo == nil {
            throw ValidationError("--admin-password-from needs --admin-password-to, the file to write.")
        }
    }

    func run() async throws {
        var resources = TakeResources(
            from: TerraformFolder(FilePath(from)), credentials: FilePath(credentialsTo))
        resources.adminPassword = adminPasswordTo.map { FilePath($0) }
        resources.instance = adminPasswordFrom.map { TerraformFolder(FilePath($0)) }
        resources.replaces = force
        let taken = try await resources.run()
        output.console.show(result: taken)
        output.print("bucket   \(taken.bucket)")
        output.print("account  \(taken.account.printable)")
        output.print("key      \(taken.credentials)")
        if let file = taken.adminPassword { output.print("password \(file)") }
        output.print("\n\(taken.upload)")
        output.advise(
            """

            Share with the customer: the bucket's name, the line above, and \(taken.credentials). The key goes by a \
            password manager's share that one reader can open once, not by mail or chat: whoever has it can fill the \
            bucket. Delete the file here once it has arrived; `mi-migrate resources` makes it again.
            """)
        if let file = taken.adminPassword {
            output.advise(
                "For the next commands: export INSTANCE_ADMIN_PASSWORD=\"$(cat \(file))\", then delete \(file).")
        }
    }
}
