import ArgumentParser
import MigrationKitCommandSupport
import MigrationKitFoundation
import SystemPackage

/// `mi-migrate audit`
struct Audit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Show who accessed the bucket: who created, read, listed or deleted what, when and from where.",
        discussion: """
            Reads the Data Access audit log of the project that owns the bucket, which requires \
            roles/logging.privateLogViewer there. Google turns these logs off by default: \
            Examples/terraform/project turns them on, and a warning tells you if they are off. Google keeps them for \
            30 days.

            Examples:
              mi-migrate audit --bucket=gs://acme-snapshot --bucket-project=acme-migration
              mi-migrate audit --config=acme.yaml --since=14d
              mi-migrate audit --since=1d --json
            """
    )

    @OptionGroup(title: "Migration") var settings: SettingsOptions

    @OptionGroup var audit: AuditOptions

    @OptionGroup(visibility: .hidden) var access: AccessOptions

    @Option(
        name: .goStyle("since"),
        help: ArgumentHelp("How far back to search, such as 14d or 12h (default: 7d).", valueName: "duration"))
    var since: ArgumentDuration?

    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        if since?.duration == .zero { throw ValidationError("--since must be longer than 0.") }
    }

    func run() async throws {
        let console = output.console
        let settings = try settings.settings(console, access.flags, audit.flags)
        guard let bucket = settings.bucket, case .googleCloudStorage(let name, _) = bucket.value else {
            throw MigrationError(
                .usage,
                settings.bucket.map { "\($0.origin) is a folder, which has no audit log." }
                    ?? "No bucket is set.",
                next: "Use a Google bucket: --bucket=gs://name.")
        }
        guard let project = settings.bucketProject?.value else {
            throw MigrationError(
                .usage, "The project that owns \(name), where its audit log is, is not set.",
                next: "Use --bucket-project=ID, or `bucket-project` in the settings file.")
        }
        let environment = ProcessInfo.processInfo.environment
        let credentials = try settings.credentials.map {
            try GoogleCredentials.file($0.value, environment: environment)
        }
        for warning in credentials?.warnings ?? [] {
            let file = settings.credentials?.value.string
            console.show(.warning(.init(.credentialsDoubtful, warning, ["credentials": .init(file)])))
        }
        var audit = try AuditBucket(
            bucket: name, project: project, credentials: credentials, environment: environment, onEvent: console.show)
        if let since { audit.since = since.duration }
        let found = try await audit.run()
        console.show(result: found)
        output.print(Self.table(found.groups))
        if !found.principals.isEmpty { output.print("\n" + Self.table(found.principals)) }
        output.advise("\(name) since \(found.since): \(Quantity.count(found.accesses.count)) entries.")
    }

    private static func table(_ groups: [BucketAudit.Group]) -> String {
        var table = TextTable(
            ["first", "last", "count", "who", "action", "object", "from", "granted"], rightAligned: [2])
        for group in groups {
            let access = group.first
            table.add([
                seconds(access.time), group.count == 1 ? "" : seconds(group.last), Quantity.count(group.count),
                access.principal ?? nobody, access.action, access.object ?? "-", access.address ?? "-",
                access.outcome == .granted ? "yes" : access.outcome == .denied ? "NO" : "yes, but failed",
            ])
        }
        return table.text
    }

    private static func table(_ principals: [BucketAudit.Principal]) -> String {
        let actions = ["create", "get", "list", "delete"]
        var table = TextTable(["who"] + actions + ["refused", "first", "last"], rightAligned: [1, 2, 3, 4, 5])
        for one in principals {
            table.add(
                [one.name ?? nobody] + actions.map { Quantity.count(one.done[$0] ?? 0) }
                    + [Quantity.count(one.refused), seconds(one.first), seconds(one.last)])
        }
        return table.text
    }

    private static let nobody = "(not logged in)"

    /// Without the fraction: `2026-11-20T10:11:12Z`.
    private static func seconds(_ time: String) -> String {
        guard let point = time.firstIndex(of: "."), time.hasSuffix("Z") else { return time }
        return time[..<point] + "Z"
    }
}
