import Foundation
import MigrationKit
import SystemPackage

/// Dumps the databases of a targets file and puts them in a bucket, with a progress bar of its own:
/// `export-snapshot targets.yaml ./bucket`.
@main
struct ExportSnapshot {
    static func main() async throws {
        guard CommandLine.arguments.count == 3 else {
            FileHandle.standardError.write(Data("usage: export-snapshot TARGETS.yaml BUCKET\n".utf8))
            exit(2)
        }
        do {
            let targets = try TargetsFile(path: FilePath(CommandLine.arguments[1])).targets
            let store = try BucketLocation(CommandLine.arguments[2]).store()
            let export = MigrationEvents { onEvent in
                let dumped = try await DumpDatabases(targets: targets, onEvent: onEvent).run()
                return try await UploadSnapshot(
                    store: store, databases: dumped.map(\.database), includesSummary: false, onEvent: onEvent
                ).run()
            }
            var progress = MigrationProgress()
            for await event in export {
                if let line = event.text { FileHandle.standardError.write(Data("\r\(line)\n".utf8)) }
                guard let done = progress.take(event)?.fractionCompleted else { continue }
                FileHandle.standardError.write(Data("\r\(String(repeating: "#", count: Int(done * 40)))".utf8))
            }
            for database in try await export.value.databases {
                print("\(database.name): \(database.contents.tables.count) tables")
            }
        } catch let error as MigrationError {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            exit(error.exitStatus)
        }
    }
}
