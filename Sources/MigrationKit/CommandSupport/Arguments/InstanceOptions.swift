package import ArgumentParser
import SystemPackage

/// Which instance is asked, and what is shown of that: what users of `src` know.
package struct InstanceOptions: ParsableArguments {
    @Option(
        name: .goStyle("config"),
        help: ArgumentHelp("Path to an src config file (JSON) (default: ~/src-config.json).", valueName: "file"),
        completion: .file())
    package var config: String?

    @Flag(name: .goStyle("dump-requests"), help: "Show requests and responses, without the access token.")
    var dumpRequests = false

    @Flag(
        name: .goStyle("get-curl"),
        help: """
            Show each request as a curl command, with $SRC_ACCESS_TOKEN; if given twice, with the token itself. Changes \
            are shown, not sent.
            """)
    var getCurl: Int

    @Flag(name: .goStyle("trace"), help: "Trace each request on the instance, and show the trace URL.")
    var trace = false

    @Flag(
        name: .goStyle("insecure-skip-verify"), help: "Do not verify the instance's TLS certificate (insecure).")
    var insecureSkipVerify = false

    // `src` tells the instance the operating system. Nothing is told here, whatever is said.
    @Option(name: .goStyle("user-agent-telemetry"), defaultAsFlag: true, parsing: .next, help: .hidden)
    var userAgentTelemetry: Bool?

    package init() {}

    /// The instance, as the environment and `-config` name it; what is doubtful is said.
    ///
    /// - Parameters:
    ///   - endpoint: Its address, whatever else names one.
    ///   - patience: How long a query is tried again, if not for the usual time.
    package func client(
        _ console: Console, endpoint: String? = nil, patience: Duration? = nil
    ) throws -> SourcegraphClient {
        if config == "" { throw MigrationError(.usage, "--config is empty.") }
        let access = try SourcegraphAccess.read(endpoint: endpoint, config: config.map { FilePath($0) })
        var options = SourcegraphClient.Options()
        options.log.dumpsRequests = dumpRequests
        options.log.curl = getCurl == 0 ? .none : getCurl == 1 ? .withoutSecrets : .withSecrets
        options.log.traces = trace
        options.log.onText = { StandardStream.errors.write($0) }
        options.onNotice = { console.show(.warning($0)) }
        options.verifiesTLS = !insecureSkipVerify
        options.retry.patience = patience ?? options.retry.patience
        let doubts =
            insecureSkipVerify
            ? [
                "--insecure-skip-verify: anyone on the network path can pose as \(access.name) and get the access token."
            ]
            : []
        for warning in access.warnings + doubts {
            console.show(.warning(.init(.connectionDoubtful, warning, ["instance": .init(access.name)])))
        }
        return try SourcegraphClient(access, options: options)
    }
}
