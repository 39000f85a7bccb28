import MigrationKit
import Synchronization

/// What one release of the server can be asked.
struct GraphQLSchema: Sendable {
    var types: [String: GraphQLType]

    /// Those that have been read: a value that all instances in this process share.
    private static let read = Mutex<[SourcegraphVersion: GraphQLSchema]>([:])

    /// The schema of a release.
    static func of(_ version: SourcegraphVersion) throws -> GraphQLSchema {
        // Nobody else reads the same meanwhile: they wait for it.
        try read.withLock { read in
            if let schema = read[version] { return schema }
            let schema = try GraphQLSchemaParser.schema(of: version)
            read[version] = schema
            return schema
        }
    }

    /// The type that an operation begins at.
    func root(_ kind: GraphQLOperation.Kind) -> GraphQLType? {
        switch kind {
        case .query: types["Query"]
        case .mutation: types["Mutation"]
        case .subscription: nil
        }
    }

    func type(_ reference: GraphQLTypeReference) -> GraphQLType? { types[reference.name] }

    /// The object types that a value of a type can have.
    func possibleTypes(_ type: GraphQLType) -> Set<String> {
        switch type.kind {
        case .object: [type.name]
        case .union: Set(type.members)
        case .interface: Set(types.values.filter { $0.interfaces.contains(type.name) }.map(\.name))
        case .scalar, .enumeration, .input: []
        }
    }

    /// What is named and not there. Nothing in a schema that hangs together.
    var danglingNames: Set<String> {
        var names: Set<String> = []
        for type in types.values {
            names.formUnion(type.interfaces + type.members)
            names.formUnion(type.inputs.map(\.type.name))
            for field in type.fields { names.formUnion([field.type.name] + field.arguments.map(\.type.name)) }
        }
        return names.subtracting(types.keys)
    }
}

struct GraphQLType: Sendable {
    enum Kind: Sendable { case scalar, object, interface, union, enumeration, input }

    var name: String
    var kind: Kind
    var fields: [GraphQLFieldDefinition] = []
    var interfaces: [String] = []
    /// A union's.
    var members: [String] = []
    /// An enumeration's.
    var values: [String] = []
    /// An input object's.
    var inputs: [GraphQLInput] = []

    var isComposite: Bool { kind == .object || kind == .interface || kind == .union }
    var isInput: Bool { !isComposite }

    func field(_ name: String) -> GraphQLFieldDefinition? { fields.first { $0.name == name } }
    func input(_ name: String) -> GraphQLInput? { inputs.first { $0.name == name } }
}

struct GraphQLFieldDefinition: Sendable {
    var name: String
    var arguments: [GraphQLInput]
    var type: GraphQLTypeReference

    func argument(_ name: String) -> GraphQLInput? { arguments.first { $0.name == name } }

    /// What every composite type has.
    static let typename = GraphQLFieldDefinition(name: "__typename", arguments: [], type: .required(.named("String")))
}

/// The releases that have something: from `since`, and before `before`.
struct GraphQLReleases: Sendable {
    var since: SourcegraphVersion?
    var before: SourcegraphVersion?

    func contains(_ version: SourcegraphVersion) -> Bool {
        version >= since ?? version && before.map { version < $0 } ?? true
    }
}
