package import TestSupport

/// Answers an operation that the validator has passed.
package struct GraphQLExecutor {
    package let schema: GraphQLSchema
    package let document: GraphQLDocument
    package let variables: [String: AnyJSON]
    /// Errors that a test wants, by type and field: `Site.alerts`.
    package let failures: [String: String]
    package private(set) var errors: [GraphQLError] = []
    /// What the fake itself does wrong: a field that it does not know how to answer.
    package private(set) var gaps: [String] = []

    /// A field that is not null cannot be answered, so what it belongs to cannot be either.
    private struct Nothing: Error {}

    package init(
        schema: GraphQLSchema, document: GraphQLDocument, variables: [String: AnyJSON],
        failures: [String: String] = [:]
    ) {
        (self.schema, self.document, self.variables) = (schema, document, variables)
        self.failures = failures
    }

    /// The data; null if a field that must not be null has no value.
    package mutating func run(
        _ operation: GraphQLOperation, _ root: GraphQLObject, _ instance: inout FakeInstance
    ) -> AnyJSON {
        (try? object(root, operation.selections, [], &instance)) ?? .null
    }

    private mutating func object(
        _ object: GraphQLObject, _ selections: [GraphQLSelection], _ path: [GraphQLError.Step],
        _ instance: inout FakeInstance
    ) throws -> AnyJSON {
        var merged: [(key: String, fields: [GraphQLField])] = []
        gather(selections, object.type, &merged)
        var answer: [String: AnyJSON] = [:]
        for (key, fields) in merged {
            guard let field = fields.first else { continue }
            let path = path + [.key(key)]
            if field.name == "__typename" {
                answer[key] = .string(object.type)
                continue
            }
            guard let definition = schema.types[object.type]?.field(field.name) else {
                gaps.append("\(object.type).\(field.name) is not in the schema")
                throw Nothing()
            }
            let value = resolve(field, definition, of: object, path, &instance)
            answer[key] = try complete(
                value, definition.type, fields.flatMap { $0.selections ?? [] }, path, &instance)
        }
        return .object(answer)
    }

    private mutating func resolve(
        _ field: GraphQLField, _ definition: GraphQLFieldDefinition, of object: GraphQLObject,
        _ path: [GraphQLError.Step], _ instance: inout FakeInstance
    ) -> GraphQLValue? {
        let name = "\(object.type).\(field.name)"
        do {
            if let message = failures[name] { throw FakeFailure(message) }
            guard let resolver = object.fields[field.name] else {
                gaps.append("the fake cannot answer \(name)")
                throw FakeFailure("the fake cannot answer \(name)")
            }
            return try resolver(arguments(field, definition), &instance)
        } catch let failure as FakeFailure {
            errors.append(GraphQLError(message: failure.message, path: path))
        } catch {
            gaps.append("\(name): \(error)")
        }
        return nil
    }

    private func arguments(_ field: GraphQLField, _ definition: GraphQLFieldDefinition) -> [String: AnyJSON] {
        var arguments: [String: AnyJSON] = [:]
        for input in definition.arguments {
            let given = field.arguments.first { $0.name == input.name }?.value.value(variables)
            guard let value = given ?? input.standard?.value([:]) else { continue }
            arguments[input.name] = coerced(value, input.type)
        }
        return arguments
    }

    /// A value with the defaults of input objects, and lists where single values were given.
    private func coerced(_ value: AnyJSON, _ type: GraphQLTypeReference) -> AnyJSON {
        switch type {
        case .required(let inner): return coerced(value, inner)
        case .list(let element):
            return value == .null ? .null : .array((value.array ?? [value]).map { coerced($0, element) })
        case .named(let name):
            guard let inputs = schema.types[name]?.inputs, !inputs.isEmpty, let object = value.object else {
                return value
            }
            var result: [String: AnyJSON] = [:]
            for input in inputs {
                guard let value = object[input.name] ?? input.standard?.value([:]) else { continue }
                result[input.name] = coerced(value, input.type)
            }
            return .object(result)
        }
    }

    // MARK: Values

    /// - Parameter value: nil if there is none, which has been told already.
    private mutating func complete(
        _ value: GraphQLValue?, _ type: GraphQLTypeReference, _ selections: [GraphQLSelection],
        _ path: [GraphQLError.Step], _ instance: inout FakeInstance
    ) throws -> AnyJSON {
        switch (type, value) {
        case (.required(let inner), let value):
            let answer = try complete(value, inner, selections, path, &instance)
            guard answer != .null else {
                if case .leaf(.null) = value {
                    errors.append(GraphQLError(message: "graphql: got nil for non-null \"\(inner)\"", path: path))
                }
                throw Nothing()
            }
            return answer
        case (_, nil), (_, .leaf(.null)): return .null
        case (.list(let element), .list(let values)):
            var answers: [AnyJSON] = []
            for (index, value) in values.enumerated() {
                do {
                    answers.append(try complete(value, element, selections, path + [.index(index)], &instance))
                } catch {
                    return .null
                }
            }
            return .array(answers)
        case (.named, .object(let object)): return (try? self.object(object, selections, path, &instance)) ?? .null
        case (.named(let name), .leaf(let leaf)): return self.leaf(leaf, name, path)
        default:
            gaps.append("\(path): the fake's value is not of type \(type)")
            return .null
        }
    }

    private mutating func leaf(_ leaf: AnyJSON, _ name: String, _ path: [GraphQLError.Step]) -> AnyJSON {
        if let type = schema.types[name], type.kind == .enumeration {
            guard let value = leaf.string, type.values.contains(value) else {
                let value = leaf.string ?? leaf.text
                errors.append(
                    GraphQLError(
                        message: "Invalid value \(value).\nExpected type \(name), found \(value).", path: path))
                return .null
            }
            return leaf
        }
        let fits =
            switch name {
            case "Int": leaf.integer != nil
            case "Float": if case .number = leaf { true } else { leaf.integer != nil }
            case "Boolean": leaf.bool != nil
            case "JSONValue": true
            default: leaf.string != nil
            }
        if !fits { gaps.append("\(path): the fake's \(leaf.text) is no \(name)") }
        return leaf
    }

    // MARK: Selections

    private func gather(
        _ selections: [GraphQLSelection], _ type: String, _ merged: inout [(key: String, fields: [GraphQLField])]
    ) {
        for selection in selections {
            switch selection {
            case .field(let field):
                guard isWanted(field.directives) else { continue }
                if let index = merged.firstIndex(where: { $0.key == field.key }) {
                    merged[index].fields.append(field)
                } else {
                    merged.append((field.key, [field]))
                }
            case .inline(let fragment):
                guard isWanted(fragment.directives), applies(fragment.type, to: type) else { continue }
                gather(fragment.selections, type, &merged)
            case .spread(let spread):
                guard isWanted(spread.directives), let fragment = document.fragment(spread.name),
                    applies(fragment.type, to: type)
                else { continue }
                gather(fragment.selections, type, &merged)
            }
        }
    }

    private func applies(_ condition: String?, to type: String) -> Bool {
        guard let condition else { return true }
        return schema.types[condition].map { schema.possibleTypes($0).contains(type) } ?? false
    }

    private func isWanted(_ directives: [GraphQLDirective]) -> Bool {
        directives.allSatisfy { directive in
            let isTrue = directive.arguments.first?.value.value(variables) == true
            return directive.name == "skip" ? !isTrue : isTrue
        }
    }
}
