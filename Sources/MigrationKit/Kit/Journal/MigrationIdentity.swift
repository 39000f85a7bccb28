internal import MigrationKitFoundation
internal import SystemPackage

/// What a migration is about.
public struct MigrationIdentity: Sendable, Hashable, Codable {
    /// The bucket.
    public var snapshot: String
    /// SHA-256 of its manifest; nil where it has none.
    public var manifest: String?
    /// The attempt whose upload the import follows, or has followed; nil: it began when the snapshot was complete.
    package var attempt: String?
    /// Where to: an instance or a server, with what tells it from another of its name.
    public var target: String
    /// Which databases, by the names of their dumps.
    public var databases: [String]
}

extension MigrationIdentity {
    /// Whether both are about the same, however their places are spelled. A manifest tells one snapshot from all others,
    /// wherever it lies; without one, the place has to.
    func isSame(as other: Self) -> Bool {
        manifest == other.manifest && isSameDestination(as: other)
            && (manifest != nil || attempt == other.attempt && Self.isSamePlace(snapshot, other.snapshot))
    }

    /// The attempt whose upload is followed into the same databases as those of another import.
    func followed(beside other: Self) -> String? {
        manifest == nil && isSameDestination(as: other) ? attempt : nil
    }

    private func isSameDestination(as other: Self) -> Bool {
        databases == other.databases && target.lowercased() == other.target.lowercased()
    }

    private static func isSamePlace(_ left: String, _ right: String) -> Bool {
        if place(left) == place(right) { return true }
        guard let left = FileIdentity(path: FilePath(left)), let right = FileIdentity(path: FilePath(right)) else {
            return false
        }
        return left.isSameFile(as: right)
    }

    /// A bucket, or a folder by a path that is the same from everywhere.
    static func place(_ location: String) -> String {
        guard !location.hasPrefix("gs://") else {
            return String(location.reversed().drop { $0 == "/" }.reversed())
        }
        return URL(fileURLWithPath: location).resolvingSymlinksInPath().path
    }
}
