extension SnapshotSummary {
    /// Reads a summary, by whichever program it was written.
    ///
    /// - Parameters:
    ///   - json: Its bytes.
    ///   - name: Where they come from, for errors.
    /// - Throws: ``MigrationError`` with code `damaged-snapshot` if it is none.
    public init(json: [UInt8], name: String) throws {
        func damaged(_ reason: String) -> MigrationError {
            MigrationError(
                .damagedSnapshot, "\(name) is not a valid summary of an instance: \(reason).",
                next: "Create it again with `src-snapshot summary`.")
        }
        guard let root = try? JSONText.decode(JSONValue.self, from: json) else { throw damaged("it is not valid JSON") }

        func nodes(_ path: String..., fields: (String, String)) throws -> [(String, String)] {
            let list = try path.reduce(root) { value, key in
                guard let member = value.member(key) else { throw damaged("`\(key)` is missing") }
                return member
            }
            let name = path.joined(separator: ".")
            guard let count = list.member("TotalCount")?.count else { throw damaged("`\(name)` has no TotalCount") }
            let listed = list.member("Nodes") ?? .null
            // Go writes `null` for a list that was never made.
            guard let nodes = listed == .null ? [] : listed.elements else {
                throw damaged("`\(name).Nodes` is not a list")
            }
            guard count == nodes.count else { throw damaged("it has \(nodes.count) of \(count) nodes of `\(name)`") }
            return try nodes.map { node in
                guard let first = node.member(fields.0)?.text, let second = node.member(fields.1)?.text else {
                    throw damaged("`\(name)` has a node without \(fields.0) or \(fields.1)")
                }
                return (first, second)
            }
        }
        externalServices = try nodes("ExternalServices", fields: ("Kind", "ID")).map(ExternalService.init)
        authProviders = try nodes("Site", "AuthProviders", fields: ("ServiceType", "ServiceID")).map(AuthProvider.init)
        struct Ours: Decodable {
            var instance: Instance?
            enum CodingKeys: String, CodingKey { case instance = "Instance" }
        }
        do {
            instance = try JSONText.decode(Ours.self, from: json).instance
        } catch let error as DecodingError {
            throw damaged(error.place)
        }
        guard Set(externalServices.map(\.id)).count == externalServices.count else {
            throw damaged("it lists a code host connection twice")
        }
    }

    /// The summary as `src snapshot summary` writes it, with ours beside.
    public var text: String {
        let services = externalServices.map { GoJSON.object([("Kind", .string($0.kind)), ("ID", .string($0.id))]) }
        let providers = authProviders.map {
            GoJSON.object([("ServiceType", .string($0.serviceType)), ("ServiceID", .string($0.serviceID))])
        }
        func list(_ nodes: [GoJSON]) -> GoJSON {
            .object([("TotalCount", .number(nodes.count)), ("Nodes", .array(nodes))])
        }
        return GoJSON.object(
            [("ExternalServices", list(services)), ("Site", .object([("AuthProviders", list(providers))]))]
                + (instance.map { [("Instance", $0.goJSON)] } ?? [])
        ).text + "\n"
    }
}

extension SnapshotSummary.Instance {
    fileprivate var goJSON: GoJSON {
        func table(_ counts: [String: Int]) -> GoJSON {
            .object(counts.sorted { $0.key < $1.key }.map { ($0.key, .number($0.value)) })
        }
        return .object([
            ("createdBy", .string(createdBy)), ("createdAt", .string(createdAt)),
            ("productVersion", .string(productVersion)), ("siteID", .string(siteID)),
            ("codeHosts", table(codeHosts)), ("counts", table(counts)),
            ("notCounted", .object(notCounted.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })),
            ("alerts", .array(alerts.map { .string($0) })),
        ])
    }
}

extension JSONValue {
    /// The value of an object's key, whatever its case: Go, in which `src` is written, does not mind.
    fileprivate func member(_ key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members[key] ?? members.first { $0.key.lowercased() == key.lowercased() }?.value
    }

    fileprivate var count: Int? { if case .number(let number) = self { Int(exactly: number) } else { nil } }
}
