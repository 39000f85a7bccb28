import ArgumentParser
import Foundation
import MigrationKitCommandSupport

/// `mi-migrate audit`
struct Audit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows who touched the bucket: who created, read, listed or deleted what, when and from where.",
        discussion: """
            It reads the Data Access audit log of the project that owns the bucket, which needs the role \
            roles/logging.privateLogViewer there. Google leaves these logs off: Examples/terraform/project turns them \
            on, and a warning says if they are off. They are kept for 30 days.

            Examples:
              mi-migrate audit --bucket=gs://acme-snapshot --bucket-project=acme-migration
              mi-migrate audit --config=acme.yaml --since=14d
              mi-migrate audit --since=1d --json
            """
    )

    @OptionGroup var options: SettingsOptions

    @Option(name: .goStyle("since"), help: "How far back to look, such as 14d or 12h. (default: 7d)")
    var since: ArgumentDuration?

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if since?.duration == .zero { throw ValidationError("--since is nothing.") }
    }

    func run() async throws {
        let console = output.console
        let settings = try options.settings(console)
        guard let bucket = settings.bucket, case .googleCloudStorage(let name, _) = bucket.value else {
            throw MigrationError(
                .usage,
                settings.bucket.map { "\($0.origin) names a folder, which keeps no audit log." }
                    ?? "No bucket is named.",
                next: "Name a Google bucket: --bucket=gs://name.")
        }
        guard let project = settings.bucketProject?.value else {
            throw MigrationError(
                .usage, "The project that owns \(name) is not named; its logs are there.",
                next: "Name it: --bucket-project=ID, or the key bucket-project of the file of settings.")
        }
        let environment = ProcessInfo.processInfo.environment
        let credentials = try settings.credentials.map {
            try GoogleCredentials.file($0.value, environment: environment)
        }
        for warning in credentials?.warnings ?? [] { console.show(.warning(warning)) }
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
            ["first", "last", "times", "who", "what", "object", "from", "granted"], rightAligned: [2])
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
