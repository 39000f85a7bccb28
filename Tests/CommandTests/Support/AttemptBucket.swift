import Foundation
import MigrationKit
import TestClusters

@testable import MigrationKitBase

/// A bucket as an attempt leaves it that has names of its own: made of one whose objects have their plain names.
struct AttemptBucket: Sendable {
    static let attempt = "run-20261130T063608Z-4f2a"

    /// The objects, by name.
    private(set) var objects: [String: Data]

    /// - Parameter plain: The objects of a bucket with a manifest. Parts of dumps have to be uncompressed: they hold
    ///   their own names.
    init(_ plain: [String: Data]) throws {
        objects = plain
        guard let text = plain[SnapshotManifest.name] else { return }
        var manifest = try JSONDecoder().decode(SnapshotManifest.self, from: text)
        for (entry, parts) in manifest.databases.map(\.parts).enumerated() {
            for (index, part) in parts.enumerated() {
                let added = try rename(part, of: parts)
                manifest.databases[entry].parts[index].object = try stored(part.object.name)
                manifest.databases[entry].parts[index].prologue += added
            }
        }
        for index in manifest.files.indices { manifest.files[index] = try stored(manifest.files[index].name) }
        objects[SnapshotManifest.name] = try JSONEncoder().encode(manifest)
    }

    /// - Returns: How many bytes longer the part is.
    private mutating func rename(_ part: DumpPart, of parts: [DumpPart]) throws -> Int {
        guard let bytes = objects[part.object.name] else { throw CocoaError(.fileNoSuchFile) }
        var head = String(decoding: bytes.prefix(part.prologue), as: UTF8.self)
        for name in parts.map(\.object.name) { head = head.replacing(name, with: "\(Self.attempt).\(name)") }
        objects[part.object.name] = Data(head.utf8) + bytes.dropFirst(part.prologue)
        return head.utf8.count - part.prologue
    }

    private mutating func stored(_ name: String) throws -> StoredObject {
        guard let bytes = objects.removeValue(forKey: name) else { throw CocoaError(.fileNoSuchFile) }
        let new = "\(Self.attempt).\(name)"
        objects[new] = bytes
        var checksum = StreamChecksum()
        bytes.withUnsafeBytes { checksum.update($0) }
        return StoredObject(name: new, checksum)
    }
}

extension Workplace {
    /// Gives what is in the bucket here the names of an attempt.
    func renameToAttempt() throws {
        let bucket = try AttemptBucket(CloudSQLSnapshot.objects(of: folder.file("bucket")))
        try folder.remove("bucket")
        for (name, bytes) in bucket.objects { try folder.write("bucket/\(name)", bytes) }
    }
}
