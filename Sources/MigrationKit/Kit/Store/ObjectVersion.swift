internal import SystemPackage

/// An object as a store lists it: what tells it from another of its name.
package struct ObjectVersion: Sendable, Hashable {
    /// Its name.
    package var name: String
    /// Bytes.
    package var size: Int64
    /// CRC32C, in base64; nil where the store keeps none.
    package var crc32c: String?
    /// Which of the objects that this name has had: letters, digits and hyphens.
    package var generation: String

    /// Whether an object that was read is this one.
    func isSame(as read: StoredObject) -> Bool {
        name == read.name && size == read.size && (crc32c == nil || crc32c == read.crc32c)
    }
}

/// A store that tells by its list alone whether an object is still the one that it was.
package protocol VersionListing: ObjectStore {
    /// All objects, by as few requests as a list of names takes.
    func versions() async throws -> [ObjectVersion]
}

extension DirectoryStore: VersionListing {
    /// A file that is written again is another file, or was changed at another time.
    package func versions() async throws -> [ObjectVersion] {
        try await list().compactMap { name in
            guard let file = FileIdentity(path: path.appending(name)) else { return nil }
            return ObjectVersion(
                name: name, size: file.size, crc32c: nil,
                generation: "\(file.inode)-\(file.modifiedSeconds)-\(file.modifiedNanoseconds)")
        }
    }
}

extension ObjectVersion: CustomStringConvertible {
    /// What tells it from others of its name, for a person.
    package var description: String { "generation \(generation)" + (crc32c.map { ", CRC32C \($0)" } ?? "") }
}
