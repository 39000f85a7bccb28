/// The objects in a bucket that one attempt has stored.
struct StoredAttempt {
    let name: AttemptName
    let objects: [String]

    /// All attempts of which there are objects, the oldest first.
    static func all(in names: [String]) -> [StoredAttempt] {
        var objects: [AttemptName: [String]] = [:]
        for name in names {
            if let attempt = AttemptName(of: name) { objects[attempt, default: []].append(name) }
        }
        return objects.map { StoredAttempt(name: $0.key, objects: $0.value) }.sorted { $0.name < $1.name }
    }

    /// What a bucket without a manifest has, in a line each: an attempt may be hundreds of objects.
    static func inventory(of names: [String]) -> [String] {
        let others = names.filter { AttemptName(of: $0) == nil }
        let list = others.isEmpty ? [] : ["It has \(others.joined(separator: ", ").printable)."]
        return list + all(in: names).map { "It has \($0.amount) of \($0.name), which is not complete." }
    }

    /// What is said of an attempt that the manifest does not name.
    ///
    /// - Parameter sizes: Bytes of the bucket's objects.
    func notice(_ sizes: [String: Int64], in store: any ObjectStore) -> MigrationNotice {
        let bytes = Quantity.sum64(objects.compactMap { sizes[$0] })
        let command =
            switch store {
            case is GoogleCloudStorage: ": gcloud storage rm \("\(store.location)/\(name).*".shellQuoted)"
            case is DirectoryStore: ": rm -- \(store.location.shellQuoted)/\(name).*"
            default: "."
            }
        return MigrationNotice(
            .attemptLeft,
            "\(name): \(amount), \(Quantity.bytes(bytes)), of an attempt that the manifest does not name. "
                + "Unless `src-snapshot run` is still at work there, an operator may delete them\(command)",
            [
                "attempt": .init("\(name)"), "objects": .init(objects.count), "bytes": .init(bytes),
                "location": .init(store.location),
            ])
    }

    private var amount: String { objects.count == 1 ? "1 object" : "\(Quantity.count(objects.count)) objects" }
}

extension SnapshotManifest {
    /// The attempts that its objects are of.
    var attempts: Set<AttemptName> {
        Set((databases.flatMap { $0.parts.map(\.object) } + files).compactMap { AttemptName(of: $0.name) })
    }
}
