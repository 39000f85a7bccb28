import ArgumentParser
import MigrationKitCommandSupport

/// `src-snapshot summary`
struct Summary: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Describes the instance in src-snapshot/summary.json, for the acceptance test after the migration.",
        discussion: """
            Connections to code hosts and ways to log in, as `src snapshot summary` has them and `src snapshot test` \
            reads them; beside them version, site id, alerts, and counts of what the release can count. No secrets, \
            and no contents.

            The instance is that of SRC_ENDPOINT, asked with SRC_ACCESS_TOKEN, a site admin's token.

            Examples:
              src-snapshot summary
              src-snapshot summary --dump-requests
            """
    )

    @OptionGroup var instance: InstanceOptions

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let console = output.console
        let folder = SnapshotFolder()
        let summary = try await SummarizeInstance(
            client: try instance.client(console), folder: folder, onEvent: console.show
        ).run()
        console.show(result: summary)
        if output.json { return }
        let instance = summary.instance
        var table = TextTable(["what", "how many"], rightAligned: [1])
        for (kind, count) in Self.sorted(instance?.codeHosts) {
            table.add(["code hosts: \(kind)", Quantity.count(count)])
        }
        table.add(["ways to log in", Quantity.count(summary.authProviders.count)])
        for (name, count) in Self.sorted(instance?.counts) { table.add([Self.words(name), Quantity.count(count)]) }
        output.print(table.text)
        for (name, reason) in Self.sorted(instance?.notCounted) {
            output.advise("Not counted: \(Self.words(name)). \(reason.printable).")
        }
        output.advise("Written to \(folder.summary). Next: src-snapshot upload -bucket=BUCKET")
    }

    private static func sorted<Value>(_ values: [String: Value]?) -> [(String, Value)] {
        (values ?? [:]).sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// `savedSearches` as `saved searches`.
    private static func words(_ name: String) -> String {
        if name == "gitHubApps" { return "GitHub Apps" }
        return name.map { $0.isUppercase ? " \($0.lowercased())" : "\($0)" }.joined()
    }
}
