import ArgumentParser
import Foundation
import MigrationKit
import SystemPackage

/// Which bucket, and whose rights count there.
struct BucketOptions: ParsableArguments {
    @Option(
        name: .goStyle("bucket"),
        help: "A Google bucket (name, or gs://name/prefix), or a folder (a value with a slash, or file://…).")
    var bucket: String

    @Option(
        name: .goStyle("credentials"),
        help: "Google credentials: a file of JSON. Left out: those that Google's own programs would use.")
    var credentials: String?

    func store(_ output: OutputOptions, _ options: GoogleCloudStorage.Options = .init()) throws -> any ObjectStore {
        try Self.store(bucket, credentials, output, options)
    }

    /// The bucket; what is doubtful about the credentials is said.
    static func store(
        _ bucket: String, _ credentials: String?, _ output: OutputOptions,
        _ options: GoogleCloudStorage.Options = .init()
    ) throws -> any ObjectStore {
        let location = try BucketLocation(bucket)
        guard let credentials, case .googleCloudStorage = location else { return try location.store(options: options) }
        guard !credentials.isEmpty else { throw MigrationError(.usage, "-credentials names no file.") }
        let read = try GoogleCredentials.file(
            FilePath(credentials), environment: ProcessInfo.processInfo.environment)
        for warning in read.warnings { output.console.show(.warning(warning)) }
        return try location.store(credentials: read, options: options)
    }
}
