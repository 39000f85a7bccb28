/// An upload by `src-snapshot run` that is not complete, as one list of the bucket after the other shows it.
///
/// What else is in the bucket is passed over: other names, databases that are not asked for, attempts that were given up.
struct FollowedUpload: Sendable {
    /// A part of one of the databases.
    struct Part: Sendable {
        let database: Database
        let kind: DumpPart.Kind
        let version: ObjectVersion
    }

    let attempt: AttemptName
    let databases: [Database]
    /// The parts that are there, by name.
    private(set) var parts: [String: Part] = [:]
    /// The attempt's objects, those of other databases and the summary too, and their bytes.
    private(set) var objects = 0
    private(set) var bytes: Int64 = 0
    /// Whether the manifest is there.
    private(set) var isComplete = false

    /// The attempt that began last; nil: there is none.
    init?(newestIn versions: [ObjectVersion], of databases: [Database]) {
        guard let newest = versions.compactMap({ AttemptName(of: $0.name) }).max() else { return nil }
        (attempt, self.databases) = (newest, databases.sorted())
    }

    /// Takes the next list.
    ///
    /// - Returns: The parts that have arrived since the one before.
    /// - Throws: ``UploadLost`` if another attempt has begun, or a part is not the one any more that it was.
    mutating func take(_ versions: [ObjectVersion]) throws -> [Part] {
        isComplete = versions.contains { $0.name == SnapshotManifest.name }
        let newest = versions.compactMap { AttemptName(of: $0.name) }.max()
        if let newest, newest > attempt, !isComplete {
            throw UploadLost("A new attempt, \(newest), has begun: \(attempt) will not be completed.")
        }
        let own = versions.filter { AttemptName(of: $0.name) == attempt }
        (objects, bytes) = (own.count, Quantity.sum64(own.map(\.size)))
        var gone = parts
        var arrived: [Part] = []
        for version in own {
            if let known = gone.removeValue(forKey: version.name) {
                guard known.version == version else { throw replaced(version.name) }
            } else if let part = part(version) {
                parts[version.name] = part
                arrived.append(part)
            }
        }
        if let name = gone.keys.min() { throw replaced(name) }
        return arrived.sorted { $0.version.name < $1.version.name }
    }

    private func replaced(_ name: String) -> UploadLost {
        UploadLost("\(name) was replaced or removed while \(attempt) was followed.")
    }

    private func part(_ version: ObjectVersion) -> Part? {
        for database in databases {
            if let kind = PartNames(database: database, of: version.name).kind(of: version.name) {
                return Part(database: database, kind: kind, version: version)
            }
        }
        return nil
    }

    /// The part with a database's schema, without which nothing of it can be loaded.
    func schema(of database: Database) -> Part? { parts.values.first { $0.database == database && $0.kind == .schema } }

    /// Databases of which there is no schema yet.
    var missing: [Database] { databases.filter { schema(of: $0) == nil } }

    /// Dumps that were not split, of which nothing can be loaded before the manifest tells what they are.
    static func wholeDumps(in versions: [ObjectVersion], of attempt: AttemptName, _ databases: [Database]) -> [String] {
        versions.map(\.name).filter { name in
            AttemptName(of: name) == attempt
                && databases.contains { $0.storedNames.contains(AttemptName.plainName(of: name)) }
        }
    }
}

/// Why nothing counts that was loaded of an upload.
struct UploadLost: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }
}

extension DumpPart {
    /// A part of an upload that is not complete. Where the dump begins and ends in it shows when it is read.
    init(_ part: FollowedUpload.Part) {
        let object = StoredObject(
            name: part.version.name, size: part.version.size, crc32c: part.version.crc32c ?? "")
        self.init(kind: part.kind, object: object, prologue: 0, epilogue: 0)
    }
}

extension DumpLoad {
    /// The load of a part of an upload that is not complete.
    init(following part: FollowedUpload.Part, of dump: SnapshotManifest.DatabaseEntry) {
        self.init(dump: dump, parts: [DumpPart(part)], isRewritten: true, version: part.version)
    }
}
