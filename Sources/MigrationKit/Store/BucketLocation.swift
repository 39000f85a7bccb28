internal import Foundation
public import SystemPackage

/// What `-bucket` names.
public enum BucketLocation: Sendable, Hashable {
    /// A folder of this machine.
    case folder(FilePath)
    /// A bucket of Google Cloud Storage, with a prefix for the objects' names.
    case googleCloudStorage(bucket: String, prefix: String)

    /// Reads a value of `-bucket`: one with a slash, or a `file:` URL, is a folder; `gs://name[/prefix]` and a bare name are
    /// a Google bucket.
    ///
    /// - Throws: ``MigrationError`` with code `usage` if it is neither.
    public init(_ value: String) throws {
        if value.hasPrefix("file://") {
            guard let url = URL(string: value), url.host() ?? "" == "", !url.path.isEmpty else {
                throw MigrationError(
                    .usage, "`\(value.printable)` is no file URL.", next: "Write it as file:///path/to/folder.")
            }
            self = .folder(FilePath(url.path(percentEncoded: false)))
        } else if value.hasPrefix("gs://") {
            let parts = value.dropFirst(5).split(separator: "/", maxSplits: 1)
            guard let bucket = parts.first else { throw MigrationError(.usage, "`\(value)` names no bucket.") }
            self = .googleCloudStorage(bucket: String(bucket), prefix: parts.count > 1 ? String(parts[1]) : "")
        } else if value.contains("://") {
            throw MigrationError(
                .usage, "`\(value.printable)` is no bucket that is known here.", next: "Name a folder, or gs://bucket."
            )
        } else if value.contains("/") || value == "." || value == ".." {
            self = .folder(FilePath(value))
        } else if value.isEmpty {
            throw MigrationError(.usage, "-bucket is empty.", next: "Name a folder, such as -bucket=./bucket.")
        } else {
            self = .googleCloudStorage(bucket: value, prefix: "")
        }
    }

    /// The store at this place.
    ///
    /// - Throws: ``MigrationError`` with code `usage` for a Google bucket, which this version does not reach yet.
    public func store() throws -> any ObjectStore {
        switch self {
        case .folder(let path): return DirectoryStore(path: path)
        case .googleCloudStorage(let bucket, _):
            throw MigrationError(
                .usage,
                "`\(bucket.printable)` names a bucket of Google Cloud Storage, which this version does not reach yet.",
                next: "Name a folder with a slash in it, such as -bucket=./\(bucket.printable)."
            )
        }
    }
}
