/// What a schema says of itself.
extension FakeResolver {
    /// A type by its name; null if there is none.
    package func introspection(_ name: String) -> GraphQLValue {
        schema.types[name].map { .object(described($0)) } ?? .null
    }

    private func described(_ type: GraphQLType) -> GraphQLObject {
        let fields = type.fields.filter { !$0.name.hasPrefix("__") }
        return GraphQLObject("__Type")
            .with("kind", .text(Self.kind(type))).with("name", .text(type.name)).with("ofType", .null)
            .resolving("fields") { _, _ in
                guard type.kind == .object || type.kind == .interface else { return .null }
                return .list(fields.map { .object(described($0)) })
            }
            .resolving("inputFields") { _, _ in
                type.kind == .input ? .list(type.inputs.map { .object(described($0)) }) : .null
            }
            .with(
                "enumValues",
                type.kind == .enumeration ? .list(type.values.map { .object(described(value: $0)) }) : .null
            )
            .resolving("possibleTypes") { _, _ in
                guard type.kind == .interface || type.kind == .union else { return .null }
                return .list(schema.possibleTypes(type).sorted().map(introspection))
            }
            .resolving("interfaces") { _, _ in
                type.kind == .object ? .list(type.interfaces.map(introspection)) : .null
            }
    }

    private static func kind(_ type: GraphQLType) -> String {
        switch type.kind {
        case .scalar: "SCALAR"
        case .object: "OBJECT"
        case .interface: "INTERFACE"
        case .union: "UNION"
        case .enumeration: "ENUM"
        case .input: "INPUT_OBJECT"
        }
    }

    private func described(value: String) -> GraphQLObject {
        GraphQLObject("__EnumValue").with("name", .text(value)).with("isDeprecated", .bool(false))
    }

    private func described(_ field: GraphQLFieldDefinition) -> GraphQLObject {
        GraphQLObject("__Field").with("name", .text(field.name)).with("isDeprecated", .bool(false))
            .resolving("args") { _, _ in .list(field.arguments.map { .object(described($0)) }) }
            .resolving("type") { _, _ in reference(field.type) }
    }

    private func described(_ input: GraphQLInput) -> GraphQLObject {
        GraphQLObject("__InputValue").with("name", .text(input.name))
            .with("defaultValue", .text(input.standard?.description))
            .resolving("type") { _, _ in reference(input.type) }
    }

    private func reference(_ type: GraphQLTypeReference) -> GraphQLValue {
        func wrapped(_ kind: String, _ inner: GraphQLTypeReference) -> GraphQLValue {
            let nothing = ["name", "fields", "inputFields", "enumValues", "possibleTypes", "interfaces"]
            return .object(
                nothing.reduce(GraphQLObject("__Type")) { $0.with($1, .null) }
                    .with("kind", .text(kind)).resolving("ofType") { _, _ in reference(inner) })
        }
        return switch type {
        case .named(let name): introspection(name)
        case .list(let element): wrapped("LIST", element)
        case .required(let inner): wrapped("NON_NULL", inner)
        }
    }
}
