import TestSupport

extension GraphQLValidator {
    /// What is wrong with a value in the document; nil if nothing is.
    package mutating func problem(
        _ literal: GraphQLLiteral, _ type: GraphQLTypeReference, _ location: GraphQLLocation
    ) -> String? {
        if case .variable(let name) = literal {
            checkPosition(of: name, type, location)
            return nil
        }
        switch type {
        case .required(let inner):
            return literal == .null ? "Expected \"\(type)\", found null." : problem(literal, inner, location)
        case _ where literal == .null: return nil
        case .list(let element):
            guard case .list(let literals) = literal else { return problem(literal, element, location) }
            for (index, literal) in literals.enumerated() {
                if let problem = problem(literal, element, location) { return "In element #\(index): \(problem)" }
            }
            return nil
        case .named(let name):
            guard let definition = schema.types[name] else { return "Unknown type \"\(name)\"." }
            if definition.kind == .input { return problem(literal, object: definition, location) }
            return Self.fits(literal, definition) ? nil : "Expected type \"\(name)\", found \(literal)."
        }
    }

    private mutating func problem(
        _ literal: GraphQLLiteral, object: GraphQLType, _ location: GraphQLLocation
    ) -> String? {
        guard case .object(let members) = literal else { return "Expected \"\(object.name)\", found not an object." }
        var names: Set<String> = []
        for member in members {
            if !names.insert(member.name).inserted {
                return "There can be only one input field named \"\(member.name)\"."
            }
            guard let input = object.input(member.name) else { return "In field \"\(member.name)\": Unknown field." }
            if let problem = problem(member.value, input.type, location) {
                return "In field \"\(member.name)\": \(problem)"
            }
        }
        for input in object.inputs where input.type.isRequired && input.standard == nil && !names.contains(input.name) {
            return "In field \"\(input.name)\": Expected \"\(input.type)\", found null."
        }
        return nil
    }

    private static func fits(_ literal: GraphQLLiteral, _ type: GraphQLType) -> Bool {
        if type.kind == .enumeration {
            if case .enumeration(let name) = literal { return type.values.contains(name) }
            return false
        }
        switch (type.name, literal) {
        case ("Int", .integer(let text)): return Int32(text) != nil
        case ("Float", .integer), ("Float", .float), ("String", .string), ("Boolean", .boolean), ("ID", .integer),
            ("ID", .string):
            return true
        case ("Int", _), ("Float", _), ("String", _), ("Boolean", _), ("ID", _): return false
        default: return true
        }
    }

    // MARK: Variables

    private mutating func checkPosition(of name: String, _ type: GraphQLTypeReference, _ location: GraphQLLocation) {
        guard let variable = declared[name] else { return }
        var own = variable.type
        if variable.standard != nil, !own.isRequired { own = .required(own) }
        guard !Self.canBeUsed(own, as: type) else { return }
        add(
            "Variable \"$\(name)\" of type \"\(own)\" used in position expecting type \"\(type)\".", variable.location,
            location)
    }

    private static func canBeUsed(_ type: GraphQLTypeReference, as wanted: GraphQLTypeReference) -> Bool {
        switch (type, wanted) {
        case (.required(let type), .required(let wanted)): canBeUsed(type, as: wanted)
        case (_, .required): false
        case (.required(let type), _): canBeUsed(type, as: wanted)
        case (.list(let type), .list(let wanted)): canBeUsed(type, as: wanted)
        default: type == wanted
        }
    }

    /// A variable's declaration, and what the request gives for it.
    package mutating func check(_ variable: GraphQLInput) {
        guard let type = schema.type(variable.type) else {
            return add("Unknown type \"\(variable.type.name)\".", variable.location)
        }
        guard type.isInput else {
            return add(
                "Variable \"$\(variable.name)\" cannot be non-input type \"\(variable.type)\".", variable.location)
        }
        if let standard = variable.standard {
            if case .required(let inner) = variable.type {
                add(
                    "Variable \"$\(variable.name)\" of type \"\(variable.type)\" is required and will not use the "
                        + "default value. Perhaps you meant to use type \"\(inner)\".", variable.location)
            }
            if let problem = problem(standard, variable.type, variable.location) {
                add(
                    "Variable \"$\(variable.name)\" of type \"\(variable.type)\" has invalid default value "
                        + "\(standard).\n\(problem)", variable.location)
            }
        }
        check(variables[variable.name] ?? .null, variable.type, variable)
    }

    private mutating func check(_ value: AnyJSON, _ type: GraphQLTypeReference, _ variable: GraphQLInput) {
        switch type {
        case .required(let inner):
            guard value != .null else { return refuse(value, type, variable) }
            check(value, inner, variable)
        case _ where value == .null: break
        case .list(let element):
            for value in value.array ?? [value] { check(value, element, variable) }
        case .named(let name):
            guard let definition = schema.types[name] else { return }
            guard definition.kind == .input else {
                if !Self.fits(value, definition) { refuse(value, type, variable) }
                return
            }
            guard let object = value.object else { return refuse(value, type, variable) }
            for input in definition.inputs where input.standard == nil || object[input.name] != nil {
                check(object[input.name] ?? .null, input.type, variable)
            }
            for key in object.keys.sorted() where definition.input(key) == nil {
                add("Variable \"\(variable.name)\" has an unknown field \"\(key)\" in \"\(name)\".", variable.location)
            }
        }
    }

    private mutating func refuse(_ value: AnyJSON, _ type: GraphQLTypeReference, _ variable: GraphQLInput) {
        add(
            "Variable \"\(variable.name)\" has invalid value \(value.text).\nExpected type \"\(type)\", found "
                + "\(value.text).", variable.location)
    }

    private static func fits(_ value: AnyJSON, _ type: GraphQLType) -> Bool {
        if type.kind == .enumeration { return value.string.map(type.values.contains) ?? false }
        return switch type.name {
        case "Int": value.integer.map { Int32(exactly: $0) != nil } ?? false
        case "Float": if case .number = value { true } else { value.integer != nil }
        case "Boolean": value.bool != nil
        case "String", "ID": value.string != nil
        default: true
        }
    }
}
