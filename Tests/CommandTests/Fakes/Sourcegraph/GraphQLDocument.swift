/// What a client sends: operations, and fragments that they share.
struct GraphQLDocument: Sendable {
    var operations: [GraphQLOperation] = []
    var fragments: [GraphQLFragment] = []

    func fragment(_ name: String) -> GraphQLFragment? { fragments.first { $0.name == name } }
}

struct GraphQLOperation: Sendable {
    enum Kind: String, Sendable { case query, mutation, subscription }

    var kind: Kind
    var name: String?
    var variables: [GraphQLInput]
    var directives: [GraphQLDirective]
    var selections: [GraphQLSelection]
    var location: GraphQLLocation
}

struct GraphQLFragment: Sendable {
    var name: String
    var type: String
    var directives: [GraphQLDirective]
    var selections: [GraphQLSelection]
    var location: GraphQLLocation
}

enum GraphQLSelection: Sendable {
    case field(GraphQLField)
    case spread(GraphQLSpread)
    case inline(GraphQLInlineFragment)
}

struct GraphQLField: Sendable {
    var alias: String?
    var name: String
    var arguments: [GraphQLArgument]
    var directives: [GraphQLDirective]
    /// nil: there are no braces.
    var selections: [GraphQLSelection]?
    var location: GraphQLLocation

    /// What it is called in the answer.
    var key: String { alias ?? name }
}

struct GraphQLSpread: Sendable {
    var name: String
    var directives: [GraphQLDirective]
    var location: GraphQLLocation
}

struct GraphQLInlineFragment: Sendable {
    var type: String?
    var directives: [GraphQLDirective]
    var selections: [GraphQLSelection]
    var location: GraphQLLocation
}

struct GraphQLDirective: Sendable {
    var name: String
    var arguments: [GraphQLArgument]
    var location: GraphQLLocation
}

struct GraphQLArgument: Sendable {
    var name: String
    var value: GraphQLLiteral
    var location: GraphQLLocation
}

/// An argument, a variable or a field of an input object, as it is declared.
struct GraphQLInput: Sendable {
    var name: String
    var type: GraphQLTypeReference
    var standard: GraphQLLiteral?
    var location: GraphQLLocation
}

/// A type as it is named where something has it.
indirect enum GraphQLTypeReference: Sendable, Equatable, CustomStringConvertible {
    case named(String)
    case list(GraphQLTypeReference)
    case required(GraphQLTypeReference)

    var description: String {
        switch self {
        case .named(let name): name
        case .list(let element): "[\(element)]"
        case .required(let type): "\(type)!"
        }
    }

    /// The type's name, without lists and exclamation marks.
    var name: String {
        switch self {
        case .named(let name): name
        case .list(let type), .required(let type): type.name
        }
    }

    var isRequired: Bool { if case .required = self { true } else { false } }
}

/// A value as it is written in a document.
indirect enum GraphQLLiteral: Sendable, Equatable, CustomStringConvertible {
    case variable(String)
    case integer(String)
    case float(String)
    case string(String)
    case boolean(Bool)
    case null
    case enumeration(String)
    case list([GraphQLLiteral])
    case object([Member])

    struct Member: Sendable, Equatable {
        var name: String
        var value: GraphQLLiteral
    }

    var description: String {
        switch self {
        case .variable(let name): "$\(name)"
        case .integer(let text), .float(let text), .enumeration(let text): text
        case .string(let text): JSONValue.string(text).text
        case .boolean(let value): "\(value)"
        case .null: "null"
        case .list(let elements): "[\(elements.map(\.description).joined(separator: ", "))]"
        case .object(let members):
            "{\(members.map { "\($0.name): \($0.value)" }.joined(separator: ", "))}"
        }
    }

    /// The names of all variables in it.
    var variables: [String] {
        switch self {
        case .variable(let name): [name]
        case .list(let elements): elements.flatMap(\.variables)
        case .object(let members): members.flatMap(\.value.variables)
        default: []
        }
    }

    /// The value, once the variables are known; nil if it is a variable that nobody has given.
    func value(_ variables: [String: JSONValue]) -> JSONValue? {
        switch self {
        case .variable(let name): variables[name]
        case .integer(let text): Int64(text).map { .integer($0) } ?? .null
        case .float(let text): Double(text).map { .number($0) } ?? .null
        case .string(let text), .enumeration(let text): .string(text)
        case .boolean(let value): .bool(value)
        case .null: .null
        case .list(let elements): .array(elements.map { $0.value(variables) ?? .null })
        case .object(let members):
            .object(
                members.reduce(into: [:]) { object, member in object[member.name] = member.value.value(variables) })
        }
    }
}
