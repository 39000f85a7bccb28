import ArgumentParser
import MigrationKitCommandSupport
import SystemPackage

/// `mi-migrate resources`
struct Resources: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resources",
        abstract: "Get the bucket's name and the customer's key from Terraform, and show what to share.",
        discussion: """
            Reads the outputs snapshot_bucket_name and writer_service_account_key of a folder in which Terraform (or \
            OpenTofu) was applied. The key is written to a file that only you can read, and never printed. \
            Examples/terraform/resources has these outputs.

            With --admin-password-to, also writes the database password of the instance to a file. It is the value of \
            module.managed_instance.random_password.db_main_admin_password.

            Examples:
              mi-migrate resources --from=customers/acme/resources
              mi-migrate resources --from=. --credentials-to=acme.json --json
              mi-migrate resources --from=resources \\
                --admin-password-from=deployment --admin-password-to=password.txt
            """
    )

    @Option(
        name: .goStyle("from"),
        help: ArgumentHelp("The folder where Terraform applied the customer's resources.", valueName: "folder"),
        completion: .directory)
    var from: String

    @Option(
        name: .goStyle("credentials-to"),
        help: ArgumentHelp("Write the customer's key to this file.", valueName: "file"), completion: .file())
    var credentialsTo = "credential.json"

    @Option(
        name: .goStyle("admin-password-to"),
        help: ArgumentHelp("Also write the database password to this file.", valueName: "file"), completion: .file())
    var adminPasswordTo: String?

    @Option(
        name: .goStyle("admin-password-from"),
        help: ArgumentHelp(
            "The folder where Terraform applied the instance (default: that of --from).", valueName: "folder"),
        completion: .directory)
    var adminPasswordFrom: String?

    @Flag(name: .goStyle("force"), help: "Replace existing files.")
    var force = false

    @OptionGroup(title: "Output") var output: OutputOptions

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

            Share with the customer: the bucket's name, the line above, and \(taken.credentials). Send the key through a \
            password manager, as a share that can be opened once, not by mail or chat: anyone who has it can write to \
            the bucket. Delete the file here once the customer has it; `mi-migrate resources` can write it again.
            """)
        if let file = taken.adminPassword {
            output.advise(
                "For the next commands: export INSTANCE_ADMIN_PASSWORD=\"$(cat \(file.shellQuoted))\", then delete \(file)."
            )
        }
    }
}
