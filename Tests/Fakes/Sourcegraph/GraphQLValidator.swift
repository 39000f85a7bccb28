package import TestSupport

/// Finds what is wrong with a document, as strictly as the real server does, and in its words.
///
/// Source for rules and messages: graph-gophers/graphql-go, internal/validation. Two things are stricter here: scalars
/// in variables have to be of their type, and input objects in variables may have no unknown fields.
package struct GraphQLValidator {
    /// What the site configuration's `rateLimits` allow by default.
    package struct Limits: Sendable {
        package var depth = 30
        package var aliases = 500
    }

    package let schema: GraphQLSchema
    package let document: GraphQLDocument
    package let variables: [String: AnyJSON]
    package var errors: [GraphQLError] = []
    /// Those of the operation that is looked at.
    package var declared: [String: GraphQLInput] = [:]
    package var used: Set<String> = []
    package var operationName: String?

    package static func errors(
        in document: GraphQLDocument, _ schema: GraphQLSchema, variables: [String: AnyJSON], limits: Limits = Limits()
    ) -> [GraphQLError] {
        var validator = GraphQLValidator(schema: schema, document: document, variables: variables)
        validator.checkFragments()
        // Whatever follows fragments does not come to an end on a circle.
        guard validator.errors.isEmpty else { return validator.errors }
        validator.checkLimits(limits)
        validator.checkOperations()
        return validator.errors
    }

    private init(schema: GraphQLSchema, document: GraphQLDocument, variables: [String: AnyJSON]) {
        (self.schema, self.document, self.variables) = (schema, document, variables)
    }

    package mutating func add(_ message: String, _ locations: GraphQLLocation...) {
        let error = GraphQLError(message: message, locations: locations)
        // A fragment is looked at once per place that spreads it.
        if !errors.contains(error) { errors.append(error) }
    }

    // MARK: Operations

    private mutating func checkOperations() {
        var names: Set<String> = []
        for operation in document.operations {
            if let name = operation.name {
                if !names.insert(name).inserted {
                    add("There can be only one operation named \"\(name)\".", operation.location)
                }
            } else if document.operations.count > 1 {
                add("This anonymous operation must be the only defined operation.", operation.location)
            }
            (declared, used, operationName) = ([:], [], operation.name)
            for variable in operation.variables {
                if declared.updateValue(variable, forKey: variable.name) != nil {
                    add("There can be only one variable named \"\(variable.name)\".", variable.location)
                }
                check(variable)
            }
            check(operation.directives)
            guard let root = schema.root(operation.kind) else {
                add("no \(operation.kind.rawValue)s are offered by the schema", operation.location)
                continue
            }
            check(operation.selections, on: root)
            for variable in operation.variables where !used.contains(variable.name) {
                let place = operation.name.map { " in operation \"\($0)\"" } ?? ""
                add("Variable \"$\(variable.name)\" is never used\(place).", variable.location)
            }
        }
    }

    // MARK: Selections

    private mutating func check(_ selections: [GraphQLSelection], on type: GraphQLType) {
        for selection in selections {
            switch selection {
            case .field(let field): check(field, on: type)
            case .inline(let fragment):
                check(fragment.directives)
                check(
                    fragment.selections, fragment.type ?? type.name, spreadOn: type, "Fragment", fragment.location)
            case .spread(let spread):
                check(spread.directives)
                guard let fragment = document.fragment(spread.name) else { continue }
                check(fragment.directives)
                check(
                    fragment.selections, fragment.type, spreadOn: type, "Fragment \"\(spread.name)\"",
                    spread.location)
            }
        }
        checkOverlap(selections, on: type)
    }

    private mutating func check(
        _ selections: [GraphQLSelection], _ name: String, spreadOn type: GraphQLType, _ what: String,
        _ location: GraphQLLocation
    ) {
        guard let target = schema.types[name] else { return add("Unknown type \"\(name)\".", location) }
        guard target.isComposite else {
            return add("\(what) cannot condition on non composite type \"\(name)\".", location)
        }
        if schema.possibleTypes(type).isDisjoint(with: schema.possibleTypes(target)) {
            add(
                "\(what) cannot be spread here as objects of type \"\(type.name)\" can never be of type \"\(name)\".",
                location)
        }
        check(selections, on: target)
    }

    private mutating func check(_ field: GraphQLField, on type: GraphQLType) {
        check(field.directives)
        let definition = field.name == "__typename" ? GraphQLFieldDefinition.typename : type.field(field.name)
        guard let definition else {
            for argument in field.arguments { use(argument.value, argument.location) }
            return add("Cannot query field \"\(field.name)\" on type \"\(type.name)\".", field.location)
        }
        check(
            field.arguments, definition.arguments, field.location,
            unknown: "field \"\(field.name)\" of type \"\(type.name)\"", missing: "Field \"\(field.name)\"")
        guard let fieldType = schema.type(definition.type) else { return }
        switch (fieldType.isComposite, field.selections) {
        case (true, nil):
            add(
                "Field \"\(field.name)\" of type \"\(definition.type)\" must have a selection of subfields. "
                    + "Did you mean \"\(field.name) { ... }\"?", field.location)
        case (false, .some):
            add(
                "Field \"\(field.name)\" must not have a selection since type \"\(definition.type)\" has no subfields.",
                field.location)
        case (true, let selections?): check(selections, on: fieldType)
        case (false, nil): break
        }
    }

    // MARK: Arguments

    private mutating func check(_ directives: [GraphQLDirective]) {
        let condition = GraphQLInput(
            name: "if", type: .required(.named("Boolean")), location: GraphQLLocation(line: 0, column: 0))
        var names: Set<String> = []
        for directive in directives {
            if !names.insert(directive.name).inserted {
                add("The directive \"\(directive.name)\" can only be used once at this location.", directive.location)
            }
            guard ["include", "skip"].contains(directive.name) else {
                add("Unknown directive \"\(directive.name)\".", directive.location)
                continue
            }
            let name = "irective \"@\(directive.name)\""
            check(directive.arguments, [condition], directive.location, unknown: "d\(name)", missing: "D\(name)")
        }
    }

    private mutating func check(
        _ arguments: [GraphQLArgument], _ inputs: [GraphQLInput], _ location: GraphQLLocation, unknown: String,
        missing: String
    ) {
        var names: Set<String> = []
        for argument in arguments {
            if !names.insert(argument.name).inserted {
                add("There can be only one argument named \"\(argument.name)\".", argument.location)
            }
            use(argument.value, argument.location)
            guard let input = inputs.first(where: { $0.name == argument.name }) else {
                add("Unknown argument \"\(argument.name)\" on \(unknown).", argument.location)
                continue
            }
            if let problem = problem(argument.value, input.type, argument.location) {
                add("Argument \"\(argument.name)\" has invalid value \(argument.value).\n\(problem)", argument.location)
            }
        }
        for input in inputs where input.type.isRequired && input.standard == nil && !names.contains(input.name) {
            add(
                "\(missing) argument \"\(input.name)\" of type \"\(input.type)\" is required but not provided.",
                location)
        }
    }

    private mutating func use(_ literal: GraphQLLiteral, _ location: GraphQLLocation) {
        for name in literal.variables {
            used.insert(name)
            guard declared[name] == nil else { continue }
            let place = operationName.map { " by operation \"\($0)\"" } ?? ""
            add("Variable \"$\(name)\" is not defined\(place).", location)
        }
    }
}
