import Foundation
import MigrationKit
import SystemPackage

/// A snapshot that came on several disks: each object is on one of them.
struct Disks: ObjectStore {
    var disks: [DirectoryStore]
    var location: String { disks.map(\.location).joined(separator: ", ") }

    func get(_ name: String) async throws -> ByteStream { try await disk(with: name).get(name) }
    func put(_ name: String, _ upload: ObjectUpload) async throws -> ObjectStatus {
        try await disk(with: name).put(name, upload)
    }
    func status(of name: String) async throws -> ObjectStatus? { try await disk(with: name).status(of: name) }
    func list() async throws -> [String] {
        var names: Set<String> = []
        for disk in disks { names.formUnion(try await disk.list()) }
        return names.sorted()
    }
    private func disk(with name: String) async throws -> DirectoryStore {
        for disk in disks where try await disk.status(of: name) != nil { return disk }
        return disks[0]
    }
}

/// Imports it: `import-from-disks postgres://admin@localhost/postgres ./journal /media/a /media/b`.
@main
struct ImportFromDisks {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        let places = arguments.dropFirst().map { DirectoryStore(path: FilePath($0)) }
        guard let server = arguments.first, places.count > 1 else { exit(2) }
        let report = try await ImportSnapshot(
            store: Disks(disks: Array(places[1...])), importer: try PostgresImporter(server),
            journal: MigrationJournal(store: places[0]), confirm: { $0.dropped.isEmpty || readLine() == "yes" }
        ).run()
        for proof in report.proofs { print("\(proof.database): \(proof.summary)") }
    }
}
