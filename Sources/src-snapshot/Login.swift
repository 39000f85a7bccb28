import ArgumentParser
import MigrationKitCommandSupport
import MigrationKitFoundation

/// `src-snapshot login`
struct Login: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "login",
        abstract: "Check that the instance is reachable, and show which user the access token belongs to.",
        discussion: """
            Nothing is stored: the other commands also read SRC_ENDPOINT and SRC_ACCESS_TOKEN. A migration needs a \
            site admin's token (Settings, Access tokens, scope user:all).

            Examples:
              export SRC_ENDPOINT=https://sourcegraph.example.com
              read -rs SRC_ACCESS_TOKEN; export SRC_ACCESS_TOKEN
              src-snapshot login
              src-snapshot login https://sourcegraph.example.com
            """
    )

    @Argument(help: "The instance's URL (default: $SRC_ENDPOINT).")
    var url: String?

    @OptionGroup(title: "Instance") var instance: InstanceOptions

    @OptionGroup(title: "Output") var output: OutputOptions

    private struct Outcome: Encodable {
        var endpoint: String
        var productVersion: String
        var siteID: String
        var username: String
        var siteAdmin: Bool
    }

    func run() async throws {
        let console = output.console
        let client = try instance.client(console, endpoint: url, patience: CheckRequirements.patience)
        let found = try await SourcegraphInstance(client)
        let user = try found.requireUser()
        let endpoint = client.access.endpoint.absoluteString
        console.show(
            result: Outcome(
                endpoint: endpoint, productVersion: found.productVersion, siteID: found.siteID,
                username: user.username, siteAdmin: user.siteAdmin))
        let role = user.siteAdmin ? "a site admin" : "not a site admin"
        let version = found.productVersion.printable
        output.print("\(endpoint) is Sourcegraph \(version). You are \(user.username.printable), \(role).")
        try found.requireSiteAdmin()
        if url != nil, ProcessInfo.processInfo.environment["SRC_ENDPOINT"] != endpoint {
            output.advise("For the other commands: export SRC_ENDPOINT=\(endpoint.shellQuoted)")
        }
    }
}
