internal import MigrationKitFoundation
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
        try MisplacedSecret.refuse(value, as: "The bucket")
        if value.hasPrefix("file://") {
            guard let url = URL(string: value), url.host() ?? "" == "", !url.path.isEmpty else {
                throw MigrationError(
                    .usage, "`\(value.printable)` is not a file URL.", next: "Write it as file:///path/to/folder.")
            }
            self = .folder(FilePath(url.path(percentEncoded: false)))
        } else if value.hasPrefix("gs://") {
            self = try Self.google(value.dropFirst(5))
        } else if value.contains("://") {
            throw MigrationError(
                .usage, "`\(value.printable)` is not supported.", next: "Use gs://BUCKET or a folder such as ./bucket."
            )
        } else if value.contains("/") || value == "." || value == ".." {
            self = .folder(FilePath(value))
        } else if value.isEmpty {
            throw MigrationError(.usage, "--bucket is empty.", next: "Use gs://BUCKET or a folder such as ./bucket.")
        } else {
            self = try Self.google(value[...])
        }
    }

    /// A folder of this machine, as its URL would name it: ``folder(_:)``.
    public static func file(_ path: FilePath) -> BucketLocation { .folder(path) }

    /// The store at this place.
    ///
    /// - Parameters:
    ///   - credentials: Whose rights count in a Google bucket; nil: those that Google's own programs would use.
    ///   - options: How objects are sent; a folder takes the rate.
    /// - Throws: ``MigrationError`` with code `usage` if the environment or the credentials cannot be used.
    public func store(
        credentials: GoogleCredentials? = nil, options: GoogleCloudStorage.Options = .init()
    ) throws -> any ObjectStore {
        switch self {
        case .folder(let path): DirectoryStore(path: path, rate: options.rate)
        case .googleCloudStorage(let bucket, let prefix):
            try GoogleCloudStorage(bucket: bucket, prefix: prefix, credentials: credentials, options: options)
        }
    }

    /// A Google bucket, by the rules for their names and those for objects' names: nothing that leads elsewhere.
    private static func google(_ value: Substring) throws -> BucketLocation {
        let parts = value.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let name = parts.first ?? ""
        let isName = name.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || "-_.".utf8.contains(byte)
        }
        guard isName, (3...222).contains(name.utf8.count) else {
            throw MigrationError(
                .usage, "`\(String(name).printable)` is not a valid bucket name.",
                next: "Write a Google bucket as gs://name or name. For a folder, write ./\(String(name).printable).")
        }
        var prefix = parts.count > 1 ? parts[1] : ""
        while prefix.last == "/" { prefix.removeLast() }
        let folders = prefix.split(separator: "/", omittingEmptySubsequences: false)
        let isPlain = prefix.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
        guard isPlain, prefix.isEmpty || folders.allSatisfy({ !["", ".", ".."].contains($0) }) else {
            throw MigrationError(
                .usage, "`\(String(prefix).printable)` is not a valid prefix.",
                next: "Write it as gs://\(name)/some/prefix.")
        }
        return .googleCloudStorage(bucket: String(name), prefix: String(prefix))
    }
}
