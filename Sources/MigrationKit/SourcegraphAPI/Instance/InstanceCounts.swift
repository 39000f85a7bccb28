/// How many there are of what an instance can count cheaply.
struct InstanceCounts: Sendable {
    /// By name: `users`, `repositories`, …
    var counts: [String: Int] = [:]
    /// What could not be counted, and why.
    var notCounted: [String: String] = [:]

    /// Something that is counted.
    private struct Field: Sendable {
        var name: String
        /// What is selected of `Query`, with a `totalCount` in it.
        var selection: String
    }

    /// What came of one.
    private enum Outcome: Sendable {
        case counted(String, Int)
        case refused(String, String)
        /// The instance gave no answer to it.
        case failed(String, String)
        case cancelled(String)
        /// The lists that it offers; nil: it does not tell.
        case offered(Set<String>?)
    }

    /// Lists that not every release has. Where it is not known which releases do, the instance is asked what it offers.
    private static let mayBeOffered = [
        "insightViews", "savedSearches", "searchContexts", "notebooks", "webhooks", "gitHubApps", "roles", "prompts",
    ]

    /// Counts what there is to count; whatever the instance refuses, or does not answer, is noted and never fatal.
    ///
    /// - Throws: `CancellationError` alone.
    init(of instance: SourcegraphInstance) async throws {
        let api = instance.api
        // With `first: 1`: users are listed when they are counted, without a limit unless there is one.
        var fields = [
            Field(name: "users", selection: "users(first: 1) { totalCount }"),
            Field(name: "organizations", selection: "organizations { totalCount }"),
            Field(name: "repositories", selection: "repositories(first: 1) { totalCount }"),
            Field(name: "accessTokens", selection: "site { accessTokens { totalCount } }"),
            Field(name: "externalAccounts", selection: "site { externalAccounts { totalCount } }"),
            Field(
                name: "batchChanges",
                selection: (api >= .hasBatchChanges ? "batchChanges" : "campaigns") + "(first: 1) { totalCount }"),
        ]
        if api >= .hasExecutors {
            fields.append(Field(name: "executors", selection: "executors { totalCount }"))
        } else {
            notCounted["executors"] = "Sourcegraph \(api) has none"
        }
        await countSideBySide(fields, of: instance)
        try Task.checkCancellation()
    }

    /// Counts the fields, and those of ``mayBeOffered`` that the instance offers. One that costs the instance too much
    /// costs the others nothing; but once as many in a row were not answered as are asked for at once, the others are not
    /// waited for.
    private mutating func countSideBySide(_ fields: [Field], of instance: SourcegraphInstance) async {
        await withTaskGroup(of: Outcome.self) { group in
            for field in fields { group.addTask { await Self.outcome(of: field, instance) } }
            group.addTask { .offered(try? await Self.offered(by: instance)) }
            var failuresInARow = 0
            for await outcome in group {
                switch outcome {
                case .counted(let name, let count):
                    counts[name] = count
                    failuresInARow = 0
                case .refused(let name, let reason):
                    notCounted[name] = reason
                    failuresInARow = 0
                case .failed(let name, let reason):
                    notCounted[name] = reason
                    failuresInARow += 1
                    if failuresInARow == SourcegraphClient.atOnce { group.cancelAll() }
                case .cancelled(let name): notCounted[name] = "the instance stopped responding"
                case .offered(let offered):
                    for name in Self.mayBeOffered {
                        if offered == nil {
                            notCounted[name] = "the instance does not describe its API"
                        } else if offered?.contains(name) == true {
                            let field = Field(name: name, selection: "\(name) { totalCount }")
                            group.addTask { await Self.outcome(of: field, instance) }
                        } else {
                            notCounted[name] =
                                "Sourcegraph \(instance.productVersion.printable) does not count all of them"
                        }
                    }
                }
            }
        }
    }

    private static func outcome(of field: Field, _ instance: SourcegraphInstance) async -> Outcome {
        do {
            let query = GraphQLQuery("Count", "", field.selection)
            let data = try await instance.answer(query, as: JSONValue.self, "The number of \(field.name)")
            return data.firstCount.map { .counted(field.name, $0) }
                ?? .refused(field.name, "the instance does not report it")
        } catch let errors as GraphQLErrors {
            return .refused(field.name, String((errors.messages.first ?? "").prefix(200)).printable)
        } catch let error as MigrationError {
            return .failed(field.name, error.message.printable)
        } catch {
            return .cancelled(field.name)
        }
    }

    /// Which of the lists the instance has and counts whole, by its own description of its API; nil if it gives none.
    private static func offered(by instance: SourcegraphInstance) async throws -> Set<String>? {
        let query = GraphQLQuery(
            "Offered", "",
            """
            root: __type(name: "Query") { fields { name args { name defaultValue type { kind } } \
            type { kind name ofType { kind name } } } }
            """)
        guard let described = try? await instance.answer(query, as: Described.self, "What the instance offers") else {
            try Task.checkCancellation()
            return nil
        }
        let candidates = (described.root?.fields ?? []).filter { field in
            // An older form tells only a user's own.
            mayBeOffered.contains(field.name) && !field.args.contains { $0.isRequired }
                && (field.name != "savedSearches" || field.args.contains { $0.name == "viewerIsAffiliated" })
        }
        let types = candidates.compactMap { field in field.type.inner.map { (field.name, $0) } }
        guard !types.isEmpty else { return [] }
        let selection = types.enumerated().map { index, type in
            "t\(index): __type(name: $t\(index)) { fields { name } }"
        }
        let counted = GraphQLQuery(
            "OfferedCounts", types.indices.map { "$t\($0): String!" }.joined(separator: ", "),
            selection.joined(separator: " "),
            variables: Dictionary(uniqueKeysWithValues: types.enumerated().map { ("t\($0)", .string($1.1)) }))
        guard let answer = try? await instance.answer(counted, as: JSONValue.self, "What the instance counts") else {
            try Task.checkCancellation()
            return nil
        }
        let names = types.enumerated().filter { index, _ in
            answer["t\(index)"]?["fields"]?.elements?.contains { $0["name"]?.text == "totalCount" } == true
        }
        return Set(names.map(\.element.0))
    }

    private struct Described: Decodable, Sendable {
        var root: Kind?
        struct Kind: Decodable { var fields: [Field]? }
        struct Field: Decodable {
            var name: String
            var args: [Argument]
            var type: Reference
        }
        struct Argument: Decodable {
            var name: String
            var defaultValue: String?
            var type: Reference
            var isRequired: Bool { type.kind == "NON_NULL" && defaultValue == nil }
        }
        final class Reference: Decodable, Sendable {
            let kind: String
            let name: String?
            let ofType: Reference?
            /// The name of the type itself.
            var inner: String? { name ?? ofType?.inner }
        }
    }
}

extension JSONValue {
    /// The one `totalCount` somewhere in it.
    fileprivate var firstCount: Int? {
        guard case .object(let members) = self else { return nil }
        if case .number(let count)? = members["totalCount"] { return Int(exactly: count) }
        return members.values.lazy.compactMap(\.firstCount).first
    }
}

extension SourcegraphVersion {
    /// The first that calls campaigns batch changes.
    static let hasBatchChanges = SourcegraphVersion(3, 26)
    /// The first that lists executors.
    package static let hasExecutors = SourcegraphVersion(3, 34)
}
