package import ArgumentParser
import SystemPackage

/// Which instance is asked, and what is shown of that: what users of `src` know.
package struct InstanceOptions: ParsableArguments {
    @Option(
        name: .goStyle("config"),
        help: "A file of JSON with endpoint, accessToken, additionalHeaders and proxy, as src reads it.")
    package var config: String?

    @Flag(name: .goStyle("dump-requests"), help: "Show requests and answers, without the access token.")
    var dumpRequests = false

    @Flag(
        name: .goStyle("get-curl"),
        help: """
            Show each request as a curl command, with $SRC_ACCESS_TOKEN; given twice, with the token itself. Changes are \
            shown and not sent.
            """)
    var getCurl: Int

    @Flag(name: .goStyle("trace"), help: "Have the instance trace each request, and show the trace's address.")
    var trace = false

    @Flag(name: .goStyle("insecure-skip-verify"), help: "Take any certificate of the instance's.")
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
        if config == "" { throw MigrationError(.usage, "-config names no file.") }
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
            ? ["-insecure-skip-verify: whoever stands between can pass for \(access.name) and get the access token."]
            : []
        for warning in access.warnings + doubts { console.show(.warning(warning)) }
        return try SourcegraphClient(access, options: options)
    }
}
