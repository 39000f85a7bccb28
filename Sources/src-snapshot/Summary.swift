import ArgumentParser
import MigrationKitCommandSupport

/// `src-snapshot summary`
struct Summary: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "summary",
        abstract: "Describe the instance in src-snapshot/summary.json, for the acceptance test after the migration.",
        discussion: """
            Writes code host connections and auth providers in the format of `src snapshot summary`, which `src \
            snapshot test` reads; and, in addition, version, site ID, alerts, and counts of whatever the release can \
            count. No secrets, no contents.

            The instance is $SRC_ENDPOINT; $SRC_ACCESS_TOKEN must be a site admin's token.

            Examples:
              src-snapshot summary
              src-snapshot summary --dump-requests
            """
    )

    @OptionGroup(title: "Instance") var instance: InstanceOptions

    @OptionGroup(title: "Output") var output: OutputOptions

    func run() async throws {
        let console = output.console
        let folder = SnapshotFolder()
        let summary = try await SummarizeInstance(
            client: try instance.client(console), folder: folder, onEvent: console.show
        ).run()
        console.show(result: summary)
        if output.json { return }
        let instance = summary.instance
        var table = TextTable(["item", "count"], rightAligned: [1])
        for (kind, count) in Self.sorted(instance?.codeHosts) {
            table.add(["code hosts: \(kind)", Quantity.count(count)])
        }
        table.add(["auth providers", Quantity.count(summary.authProviders.count)])
        for (name, count) in Self.sorted(instance?.counts) { table.add([Self.words(name), Quantity.count(count)]) }
        output.print(table.text)
        for (name, reason) in Self.sorted(instance?.notCounted) {
            output.advise("Not counted: \(Self.words(name)) (\(reason.printable)).")
        }
        output.advise("Wrote \(folder.summary). Next: \(NextCommand.line("src-snapshot upload --bucket=BUCKET"))")
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
