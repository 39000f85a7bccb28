package import TestSupport

/// What a resolver gives: a leaf, or something whose fields are resolved in turn, as far as they are asked for.
package enum GraphQLValue: Sendable {
    case leaf(AnyJSON)
    case list([GraphQLValue])
    case object(GraphQLObject)

    package static let null = GraphQLValue.leaf(.null)

    package static func text(_ text: String?) -> Self { .leaf(text.map { .string($0) } ?? .null) }
    package static func int(_ number: Int?) -> Self { .leaf(number.map { .integer(Int64($0)) } ?? .null) }
    package static func bool(_ value: Bool) -> Self { .leaf(.bool(value)) }
    package static func texts(_ texts: [String]) -> Self { .list(texts.map { .text($0) }) }
}

/// A value with fields.
package struct GraphQLObject: Sendable {
    package typealias Arguments = [String: AnyJSON]
    /// Gives a field's value, or throws ``FakeFailure``; a mutation changes the instance.
    package typealias Resolver = @Sendable (Arguments, inout FakeInstance) throws -> GraphQLValue

    /// The name of its object type.
    package var type: String
    package private(set) var fields: [String: Resolver]

    package init(_ type: String, _ fields: [String: Resolver] = [:]) { (self.type, self.fields) = (type, fields) }

    /// Adds a field that is already known.
    package func with(_ name: String, _ value: GraphQLValue) -> Self {
        resolving(name) { _, _ in value }
    }

    /// Adds a field that is found out when it is asked for.
    package func resolving(_ name: String, _ resolver: @escaping Resolver) -> Self {
        var object = self
        object.fields[name] = resolver
        return object
    }
}

/// What the server says where it cannot answer: an error in the answer, beside whatever else was asked for.
package struct FakeFailure: Error {
    package var message: String

    package init(_ message: String) { self.message = message }

    package static let notSiteAdmin = FakeFailure("must be site admin")
    package static let notAuthenticated = FakeFailure("not authenticated")
}
