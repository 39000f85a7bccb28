/// What a resolver gives: a leaf, or something whose fields are resolved in turn, as far as they are asked for.
enum GraphQLValue: Sendable {
    case leaf(JSONValue)
    case list([GraphQLValue])
    case object(GraphQLObject)

    static let null = GraphQLValue.leaf(.null)

    static func text(_ text: String?) -> Self { .leaf(text.map { .string($0) } ?? .null) }
    static func int(_ number: Int?) -> Self { .leaf(number.map { .integer(Int64($0)) } ?? .null) }
    static func bool(_ value: Bool) -> Self { .leaf(.bool(value)) }
    static func texts(_ texts: [String]) -> Self { .list(texts.map { .text($0) }) }
}

/// A value with fields.
struct GraphQLObject: Sendable {
    typealias Arguments = [String: JSONValue]
    /// Gives a field's value, or throws ``FakeFailure``; a mutation changes the instance.
    typealias Resolver = @Sendable (Arguments, inout FakeInstance) throws -> GraphQLValue

    /// The name of its object type.
    var type: String
    private(set) var fields: [String: Resolver]

    init(_ type: String, _ fields: [String: Resolver] = [:]) { (self.type, self.fields) = (type, fields) }

    /// Adds a field that is already known.
    func with(_ name: String, _ value: GraphQLValue) -> Self {
        resolving(name) { _, _ in value }
    }

    /// Adds a field that is found out when it is asked for.
    func resolving(_ name: String, _ resolver: @escaping Resolver) -> Self {
        var object = self
        object.fields[name] = resolver
        return object
    }
}

/// What the server says where it cannot answer: an error in the answer, beside whatever else was asked for.
struct FakeFailure: Error {
    var message: String

    init(_ message: String) { self.message = message }

    static let notSiteAdmin = FakeFailure("must be site admin")
    static let notAuthenticated = FakeFailure("not authenticated")
}
