extension GraphQLValidator {
    /// Fragments that are unknown, not used, defined twice, or within themselves.
    package mutating func checkFragments() {
        var names: Set<String> = []
        for fragment in document.fragments where !names.insert(fragment.name).inserted {
            add("There can be only one fragment named \"\(fragment.name)\".", fragment.location)
        }
        var reached: Set<String> = []
        for operation in document.operations { follow(operation.selections, [], &reached) }
        for fragment in document.fragments where !reached.contains(fragment.name) {
            add("Fragment \"\(fragment.name)\" is never used.", fragment.location)
        }
    }

    private mutating func follow(_ selections: [GraphQLSelection], _ path: [String], _ reached: inout Set<String>) {
        for selection in selections {
            switch selection {
            case .field(let field): follow(field.selections ?? [], path, &reached)
            case .inline(let fragment): follow(fragment.selections, path, &reached)
            case .spread(let spread):
                guard !path.contains(spread.name) else {
                    add("Cannot spread fragment \"\(spread.name)\" within itself.", spread.location)
                    continue
                }
                guard let fragment = document.fragment(spread.name) else {
                    add("Unknown fragment \"\(spread.name)\".", spread.location)
                    continue
                }
                guard reached.insert(spread.name).inserted else { continue }
                follow(fragment.selections, path + [spread.name], &reached)
            }
        }
    }

    // MARK: Limits

    package mutating func checkLimits(_ limits: Limits) {
        var aliases = 0
        for operation in document.operations { count(operation.selections, 1, limits, &aliases) }
        if aliases > limits.aliases { add("query exceeds maximum query cost") }
    }

    private mutating func count(
        _ selections: [GraphQLSelection], _ depth: Int, _ limits: Limits, _ aliases: inout Int
    ) {
        for selection in selections {
            switch selection {
            case .field(let field):
                if field.alias != nil { aliases += 1 }
                guard depth <= limits.depth else {
                    add(
                        "Field \"\(field.name)\" has depth \(depth) that exceeds max depth \(limits.depth)",
                        field.location)
                    continue
                }
                count(field.selections ?? [], depth + 1, limits, &aliases)
            case .inline(let fragment): count(fragment.selections, depth, limits, &aliases)
            case .spread(let spread):
                count(document.fragment(spread.name)?.selections ?? [], depth, limits, &aliases)
            }
        }
    }

    // MARK: Two fields with one name in the answer

    /// Fields that would be one in the answer and are not the same.
    package mutating func checkOverlap(_ selections: [GraphQLSelection], on type: GraphQLType) {
        var fields: [String: [(GraphQLField, String)]] = [:]
        gather(selections, type.name, &fields)
        for (key, fields) in fields.sorted(by: { $0.key < $1.key }) {
            guard let (first, firstType) = fields.first else { continue }
            for (other, otherType) in fields.dropFirst() {
                guard let reason = conflict(first, firstType, other, otherType) else { continue }
                add(
                    "Fields \"\(key)\" conflict because \(reason). Use different aliases on the fields to fetch both "
                        + "if this was intentional.", first.location, other.location)
            }
        }
    }

    private func gather(
        _ selections: [GraphQLSelection], _ type: String, _ fields: inout [String: [(GraphQLField, String)]]
    ) {
        for selection in selections {
            switch selection {
            case .field(let field): fields[field.key, default: []].append((field, type))
            case .inline(let fragment): gather(fragment.selections, fragment.type ?? type, &fields)
            case .spread(let spread):
                guard let fragment = document.fragment(spread.name) else { continue }
                gather(fragment.selections, fragment.type, &fields)
            }
        }
    }

    private func conflict(
        _ first: GraphQLField, _ firstType: String, _ other: GraphQLField, _ otherType: String
    ) -> String? {
        if firstType == otherType {
            if first.name != other.name { return "\(first.name) and \(other.name) are different fields" }
            let arguments = [first, other].map { field in
                Dictionary(field.arguments.map { ($0.name, $0.value) }) { _, last in last }
            }
            if arguments[0] != arguments[1] { return "they have differing arguments" }
        }
        let types = [(firstType, first), (otherType, other)].compactMap { type, field in
            schema.types[type]?.field(field.name)?.type
        }
        guard types.count == 2 else { return nil }
        guard let kinds = schema.type(types[0]), kinds.isComposite else {
            return types[0] == types[1]
                ? nil : "they return conflicting types \(types[0]) and \(types[1])"
        }
        var fields: [String: [(GraphQLField, String)]] = [:]
        gather(first.selections ?? [], types[0].name, &fields)
        gather(other.selections ?? [], types[1].name, &fields)
        for (key, fields) in fields.sorted(by: { $0.key < $1.key }) {
            for (second, secondType) in fields.dropFirst() {
                if let reason = conflict(fields[0].0, fields[0].1, second, secondType) {
                    return "subfields \"\(key)\" conflict because \(reason)"
                }
            }
        }
        return nil
    }
}
