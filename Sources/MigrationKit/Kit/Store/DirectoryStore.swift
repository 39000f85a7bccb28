import MigrationKitCLibrary
public import NIOCore
public import SystemPackage

/// A folder as a bucket: for rehearsals, and where the snapshot travels on a disk.
public struct DirectoryStore: ObjectStore {
    /// The folder.
    public let path: FilePath
    /// The folder, for messages.
    public var location: String { "\(path)" }

    /// The folders that this one is in, as far as they are made with it, the outermost first.
    private let parents: [FilePath]
    /// Keeps other runs out while files are put.
    private let lock: SharedFolderLock
    private let limit: RateLimit?

    /// Names a folder. It is made, for its owner alone, when something is put in it.
    ///
    /// - Parameters:
    ///   - path: The folder.
    ///   - rate: At most so much is written, of all files together: a folder may be on the other side of a link. Nil for
    ///     no limit.
    public init(path: FilePath, rate: TransferRate? = nil) {
        self.init(path: path, in: [], limit: rate.map { RateLimit($0) })
    }

    /// Names a folder whose parents are made with it.
    package init(makingParentsOf path: FilePath) {
        var parents: [FilePath] = []
        var parent = path
        while parent.removeLastComponent(), !parent.isEmpty, parent.lastComponent != nil { parents.append(parent) }
        self.init(path: path, in: parents.reversed(), limit: nil)
    }

    private init(path: FilePath, in parents: [FilePath], limit: RateLimit?) {
        self.path = path
        self.parents = parents
        self.limit = limit
        lock = SharedFolderLock(path)
    }

    /// Whoever may write to the folder may read it, too.
    public var isWriteOnce: Bool { false }

    /// Stores a file: written beside its name, synced, renamed. It is fast, so one that is stopped begins again.
    public func put(_ name: String, _ upload: ObjectUpload) async throws -> ObjectStatus {
        let file = try file(name)
        try make()
        return try await lock.with(name) {
            try await AtomicFile.write(file) { part in
                var crc = CRC32C()
                var size: Int64 = 0
                for try await chunk in limit?.pacing(upload.stream) ?? upload.stream {
                    chunk.withUnsafeReadableBytes { crc.update($0) }
                    try await part.append(chunk)
                    size += Int64(chunk.readableBytes)
                    upload.onProgress(size)
                }
                return ObjectStatus(size: size, crc32c: crc.value)
            }
        }
    }

    /// Stores a small file if there is none of that name: written under a name of its own, synced, linked.
    public func create(_ name: String, _ bytes: ByteBuffer) async throws -> Bool {
        let file = try file(name)
        let mine = path.appending(".\(name).\(UInt64.random(in: .min ... .max))")
        try make()
        defer { unlink(mine.string) }
        _ = try await AtomicFile.write(mine) { try await $0.append(bytes) }
        if link(mine.string, file.string) == 0 { return true }
        guard errno == EEXIST else {
            throw MigrationError(.failed, "\(file) cannot be written: \(Errno(rawValue: errno)).")
        }
        guard identity(file)?.size == Int64(bytes.readableBytes) else { return false }
        return try await read(name, limit: bytes.readableBytes) == Array(bytes.readableBytesView)
    }

    /// A folder in the folder.
    public func folder(_ name: String) throws -> any ObjectStore {
        DirectoryStore(path: try file(name), in: parents + [path], limit: limit)
    }

    /// For its owner alone: it is the customer's data.
    private func make() throws {
        for folder in parents + [path] {
            guard mkdir(folder.string, 0o700) == 0 || errno == EEXIST else {
                throw MigrationError(
                    .unmetRequirement, "The folder \(folder) cannot be created: \(Errno(rawValue: errno)).",
                    next: "Create it, or use another with --bucket."
                )
            }
        }
    }

    /// Reads a file.
    public func get(_ name: String) async throws -> ByteStream {
        let file = try file(name)
        guard identity(file) != nil else {
            throw MigrationError.missingObject(name, in: "\(path)")
        }
        return try FileReader(path: file).unchangingStream
    }

    /// Reads a part of a file.
    public func get(_ name: String, range: Range<Int64>) async throws -> ByteStream {
        let file = try file(name)
        guard let size = identity(file)?.size else {
            throw MigrationError.missingObject(name, in: "\(path)")
        }
        return try FileReader(path: file).stream(range.clamped(to: 0..<size))
    }

    /// Size of a file. A folder keeps no checksums.
    public func status(of name: String) async throws -> ObjectStatus? {
        identity(try file(name)).map { ObjectStatus(size: $0.size, crc32c: nil) }
    }

    /// Names of all files that are whole.
    public func list() async throws -> [String] {
        guard let folder = opendir(path.string) else {
            throw MigrationError(
                .unmetRequirement, "The folder \(path) cannot be read: \(Errno(rawValue: errno)).",
                next: "Use the folder that `src-snapshot run` or `upload` wrote to."
            )
        }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            let isObject = !name.hasPrefix(".") && !name.hasSuffix(".part")
            if isObject, identity(path.appending(name)) != nil { names.append(name) }
        }
        return names.sorted()
    }

    /// A folder, or whatever else there may be, is no object.
    private func identity(_ file: FilePath) -> FileIdentity? {
        FileIdentity(path: file).flatMap { $0.isRegularFile ? $0 : nil }
    }

    private func file(_ name: String) throws -> FilePath {
        try ObjectName.check(name)
        return path.appending(name)
    }
}
