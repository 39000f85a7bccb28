import ArgumentParser
import MigrationKitCommandSupport
import SystemPackage

/// Many migrations in place of one.
struct AllOptions: ParsableArguments {
    @Option(
        name: .goStyle("all"),
        help: ArgumentHelp(
            "All migrations whose journals are in this bucket or folder. Can be given more than once.",
            valueName: "bucket"), completion: .directory)
    var places: [String] = []

    /// What their journals tell.
    func overview(_ settings: SettingsOptions, _ console: Console) async throws -> MigrationOverview {
        let credentials = try settings.settings(console).credentials?.value.string
        return try await MigrationOverview(
            of: places.map { try BucketOptions.store($0, credentials, console, GoogleCloudStorage.Options().looking()) }
        )
    }
}
