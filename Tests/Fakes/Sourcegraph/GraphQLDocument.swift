package import TestSupport

/// What a client sends: operations, and fragments that they share.
package struct GraphQLDocument: Sendable {
    package var operations: [GraphQLOperation] = []
    package var fragments: [GraphQLFragment] = []

    package func fragment(_ name: String) -> GraphQLFragment? { fragments.first { $0.name == name } }
}

package struct GraphQLOperation: Sendable {
    package enum Kind: String, Sendable { case query, mutation, subscription }

    package var kind: Kind
    package var name: String?
    package var variables: [GraphQLInput]
    package var directives: [GraphQLDirective]
    package var selections: [GraphQLSelection]
    package var location: GraphQLLocation
}

package struct GraphQLFragment: Sendable {
    package var name: String
    package var type: String
    package var directives: [GraphQLDirective]
    package var selections: [GraphQLSelection]
    package var location: GraphQLLocation
}

package enum GraphQLSelection: Sendable {
    case field(GraphQLField)
    case spread(GraphQLSpread)
    case inline(GraphQLInlineFragment)
}

package struct GraphQLField: Sendable {
    package var alias: String?
    package var name: String
    package var arguments: [GraphQLArgument]
    package var directives: [GraphQLDirective]
    /// nil: there are no braces.
    package var selections: [GraphQLSelection]?
    package var location: GraphQLLocation

    /// What it is called in the answer.
    package var key: String { alias ?? name }
}

package struct GraphQLSpread: Sendable {
    package var name: String
    package var directives: [GraphQLDirective]
    package var location: GraphQLLocation
}

package struct GraphQLInlineFragment: Sendable {
    package var type: String?
    package var directives: [GraphQLDirective]
    package var selections: [GraphQLSelection]
    package var location: GraphQLLocation
}

package struct GraphQLDirective: Sendable {
    package var name: String
    package var arguments: [GraphQLArgument]
    package var location: GraphQLLocation
}

package struct GraphQLArgument: Sendable {
    package var name: String
    package var value: GraphQLLiteral
    package var location: GraphQLLocation
}

/// An argument, a variable or a field of an input object, as it is declared.
package struct GraphQLInput: Sendable {
    package var name: String
    package var type: GraphQLTypeReference
    package var standard: GraphQLLiteral?
    package var location: GraphQLLocation
}

/// A type as it is named where something has it.
package indirect enum GraphQLTypeReference: Sendable, Equatable, CustomStringConvertible {
    case named(String)
    case list(GraphQLTypeReference)
    case required(GraphQLTypeReference)

    package var description: String {
        switch self {
        case .named(let name): name
        case .list(let element): "[\(element)]"
        case .required(let type): "\(type)!"
        }
    }

    /// The type's name, without lists and exclamation marks.
    package var name: String {
        switch self {
        case .named(let name): name
        case .list(let type), .required(let type): type.name
        }
    }

    package var isRequired: Bool { if case .required = self { true } else { false } }
}

/// A value as it is written in a document.
package indirect enum GraphQLLiteral: Sendable, Equatable, CustomStringConvertible {
    case variable(String)
    case integer(String)
    case float(String)
    case string(String)
    case boolean(Bool)
    case null
    case enumeration(String)
    case list([GraphQLLiteral])
    case object([Member])

    package struct Member: Sendable, Equatable {
        package var name: String
        package var value: GraphQLLiteral
    }

    package var description: String {
        switch self {
        case .variable(let name): "$\(name)"
        case .integer(let text), .float(let text), .enumeration(let text): text
        case .string(let text): AnyJSON.string(text).text
        case .boolean(let value): "\(value)"
        case .null: "null"
        case .list(let elements): "[\(elements.map(\.description).joined(separator: ", "))]"
        case .object(let members):
            "{\(members.map { "\($0.name): \($0.value)" }.joined(separator: ", "))}"
        }
    }

    /// The names of all variables in it.
    package var variables: [String] {
        switch self {
        case .variable(let name): [name]
        case .list(let elements): elements.flatMap(\.variables)
        case .object(let members): members.flatMap(\.value.variables)
        default: []
        }
    }

    /// The value, once the variables are known; nil if it is a variable that nobody has given.
    package func value(_ variables: [String: AnyJSON]) -> AnyJSON? {
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
