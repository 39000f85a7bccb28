/// What a dump becomes in a bucket: one object, or parts.
struct DumpForm: Sendable, Hashable {
    let database: Database
    let isCompressed: Bool
    /// How large the parts are; nil: it is one object.
    let splitSize: Int64?

    /// The attempt that stores it; nil: it goes under the dump's own name.
    var attempt: AttemptName?

    /// What the parts are called.
    var parts: PartNames { PartNames(database: database, isCompressed: isCompressed, attempt: attempt) }

    /// The dump, for messages.
    var name: String { splitSize == nil ? parts.name(.whole) : database.dumpName }

    /// The object that is sent last. With it the dump is there.
    var last: String { splitSize == nil ? parts.name(.whole) : parts.last }

    /// Whether an object of this name is one of those that it becomes.
    func owns(_ name: String) -> Bool { splitSize == nil ? name == last : parts.contains(name) }
}
