import ArgumentParser
import MigrationKitFoundation
import SystemPackage

extension GoogleCloudStorage.Options {
    /// For who only looks, and wants to know soon that a server does not answer.
    package func looking(_ looks: Bool = true) -> Self {
        var options = self
        if looks { options.retry.patience = min(options.retry.patience, CheckRequirements.patience) }
        return options
    }
}

/// Which bucket, and whose rights count there.
package struct BucketOptions: ParsableArguments {
    @Option(
        name: .goStyle("bucket"),
        help: "A Google bucket (name or gs://name/prefix), or a folder (a path with a slash, or file:///…).",
        completion: .directory)
    var bucket: String

    @Option(
        name: .goStyle("credentials"),
        help: ArgumentHelp(
            "Google credentials file (JSON) (default: Application Default Credentials).", valueName: "file"),
        completion: .file())
    var credentials: String?

    package init() {}

    package func store(_ console: Console, _ options: GoogleCloudStorage.Options = .init()) throws -> any ObjectStore {
        try Self.store(bucket, credentials, console, options)
    }

    /// The bucket; what is doubtful about the credentials is said.
    package static func store(
        _ bucket: String, _ credentials: String?, _ console: Console,
        _ options: GoogleCloudStorage.Options = .init()
    ) throws -> any ObjectStore {
        if !bucket.contains("/"), FileIdentity(path: FilePath(bucket)) != nil {
            console.show(
                .warning(
                    .init(
                        .folderNamedLikeBucket,
                        "\(bucket.printable) is read as a Google bucket. For the folder, write ./\(bucket.printable).",
                        ["bucket": .init(bucket)])))
        }
        return try store(try BucketLocation(bucket), credentials, console, options)
    }

    package static func store(
        _ location: BucketLocation, _ credentials: String?, _ console: Console,
        _ options: GoogleCloudStorage.Options = .init()
    ) throws -> any ObjectStore {
        var options = options
        options.onNotice = { console.show(.warning($0)) }
        let environment = ProcessInfo.processInfo.environment
        let isEmulated = environment["STORAGE_EMULATOR_HOST"]?.isEmpty == false
        guard case .googleCloudStorage = location, credentials != nil || !isEmulated else {
            return try location.store(options: options)
        }
        if credentials == "" { throw MigrationError(.usage, "--credentials is empty.") }
        let read =
            try credentials.map { try GoogleCredentials.file(FilePath($0), environment: environment) }
            ?? .applicationDefault(environment: environment)
        for warning in read.warnings {
            console.show(.warning(.init(.credentialsDoubtful, warning, ["credentials": .init(credentials)])))
        }
        return try location.store(credentials: read, options: options)
    }
}
