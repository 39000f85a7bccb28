package import MigrationKitBase
import Synchronization

/// What one release of the server can be asked.
package struct GraphQLSchema: Sendable {
    package var types: [String: GraphQLType]

    /// Those that have been read: a value that all instances in this process share.
    private static let read = Mutex<[SourcegraphVersion: GraphQLSchema]>([:])

    /// The schema of a release.
    package static func of(_ version: SourcegraphVersion) throws -> GraphQLSchema {
        // Nobody else reads the same meanwhile: they wait for it.
        try read.withLock { read in
            if let schema = read[version] { return schema }
            let schema = try GraphQLSchemaParser.schema(of: version)
            read[version] = schema
            return schema
        }
    }

    /// The type that an operation begins at.
    package func root(_ kind: GraphQLOperation.Kind) -> GraphQLType? {
        switch kind {
        case .query: types["Query"]
        case .mutation: types["Mutation"]
        case .subscription: nil
        }
    }

    package func type(_ reference: GraphQLTypeReference) -> GraphQLType? { types[reference.name] }

    /// The object types that a value of a type can have.
    package func possibleTypes(_ type: GraphQLType) -> Set<String> {
        switch type.kind {
        case .object: [type.name]
        case .union: Set(type.members)
        case .interface: Set(types.values.filter { $0.interfaces.contains(type.name) }.map(\.name))
        case .scalar, .enumeration, .input: []
        }
    }

    /// What is named and not there. Nothing in a schema that hangs together.
    package var danglingNames: Set<String> {
        var names: Set<String> = []
        for type in types.values {
            names.formUnion(type.interfaces + type.members)
            names.formUnion(type.inputs.map(\.type.name))
            for field in type.fields { names.formUnion([field.type.name] + field.arguments.map(\.type.name)) }
        }
        return names.subtracting(types.keys)
    }
}

package struct GraphQLType: Sendable {
    package enum Kind: Sendable { case scalar, object, interface, union, enumeration, input }

    package var name: String
    package var kind: Kind
    package var fields: [GraphQLFieldDefinition] = []
    package var interfaces: [String] = []
    /// A union's.
    package var members: [String] = []
    /// An enumeration's.
    package var values: [String] = []
    /// An input object's.
    package var inputs: [GraphQLInput] = []

    package var isComposite: Bool { kind == .object || kind == .interface || kind == .union }
    package var isInput: Bool { !isComposite }

    package func field(_ name: String) -> GraphQLFieldDefinition? { fields.first { $0.name == name } }
    package func input(_ name: String) -> GraphQLInput? { inputs.first { $0.name == name } }
}

package struct GraphQLFieldDefinition: Sendable {
    package var name: String
    package var arguments: [GraphQLInput]
    package var type: GraphQLTypeReference

    package func argument(_ name: String) -> GraphQLInput? { arguments.first { $0.name == name } }

    /// What every composite type has.
    package static let typename = GraphQLFieldDefinition(
        name: "__typename", arguments: [], type: .required(.named("String")))
}

/// The releases that have something: from `since`, and before `before`.
package struct GraphQLReleases: Sendable {
    package var since: SourcegraphVersion?
    package var before: SourcegraphVersion?

    package func contains(_ version: SourcegraphVersion) -> Bool {
        version >= since ?? version && before.map { version < $0 } ?? true
    }
}
