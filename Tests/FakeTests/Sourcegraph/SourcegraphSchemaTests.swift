import FakeSourcegraph
import Foundation
import MigrationKitBase
import TestSupport
import Testing

/// The schema of each release is whole, and the fake can answer all of it.
@Suite(.timeLimit(.minutes(30))) struct SourcegraphSchemaTests {
    static let releases = [
        "3.20.1", "3.24.0", "3.43.2", "4.2.1", "4.5.1", "5.0.6", "5.1.8", "5.10.3940", "5.11.6271", "6.2.0",
        "6.12.5040", "7.2.1943",
    ]

    static func schema(_ release: String) throws -> GraphQLSchema {
        try GraphQLSchema.of(#require(SourcegraphVersion(release)))
    }

    @Test(arguments: releases) func schemaIsWhole(release: String) throws {
        let schema = try Self.schema(release)
        #expect(schema.danglingNames == [])
        for type in schema.types.values where type.isComposite && type.kind != .union {
            #expect(!type.fields.isEmpty, "\(type.name) has no fields.")
            for interface in type.interfaces.compactMap({ schema.types[$0] }) {
                #expect(interface.fields.allSatisfy { type.field($0.name)?.type == $0.type }, "\(type.name)")
            }
        }
    }

    @Test(arguments: releases) func everyTypeCanBeReached(release: String) throws {
        let schema = try Self.schema(release)
        var reached: Set<String> = ["Int", "Float", "String", "Boolean", "ID"]
        var next = ["Query", "Mutation"]
        while let name = next.popLast() {
            guard reached.insert(name).inserted, let type = schema.types[name] else { continue }
            next += type.fields.flatMap { [$0.type.name] + $0.arguments.map(\.type.name) }
            next += type.inputs.map(\.type.name) + type.members + schema.possibleTypes(type)
        }
        #expect(Set(schema.types.keys).subtracting(reached) == [])
    }

    @Test(arguments: releases) func everyFieldIsAnswered(release: String) async throws {
        let schema = try Self.schema(release)
        try await SourcegraphAsker.with(release) { instance in
            instance.executors = [FakeInstance.Executor(id: 1, hostname: "executor-1")]
            instance.migrations[0].errors = ["it failed once"]
            instance.migrations[0].isRequired = true
            instance.alerts = [FakeInstance.Alert(type: "WARNING", message: "Cannot send email")]
            instance.externalServices[2].syncJobs = [FakeInstance.SyncJob(id: 1)]
            instance.schemaDrift = [FakeInstance.SchemaDrift(name: "users", problem: "p", solution: "s")]
            instance.statusMessages = ["CloningProgress", "IndexingProgress", "SyncError", "ExternalServiceSyncError"]
                .map {
                    FakeInstance.StatusMessage(type: $0, message: "m")
                }
        } body: { fake, asker in
            for field in schema.root(.query)?.fields ?? [] {
                let selection = Self.selection(of: field, schema, depth: field.name.hasPrefix("__") ? 3 : 4)
                let answer = try await asker.ask("query Everything { \(selection) }")
                #expect(answer.errors == [], "\(field.name)")
                #expect(answer.data?[field.name] != nil, "\(field.name)")
            }
            #expect(fake.violations == [])
        }
    }

    /// A field with everything that is in it, down to a depth.
    private static func selection(of field: GraphQLFieldDefinition, _ schema: GraphQLSchema, depth: Int) -> String {
        var arguments: [String] = field.argument("first") == nil ? [] : ["first: 1"]
        for argument in field.arguments where argument.type.isRequired {
            let value = argument.name == "namespace" ? FakeResolver.id("User", 1) : FakeResolver.siteID
            arguments.append("\(argument.name): \"\(argument.type.name == "ID" ? value : "Site")\"")
        }
        let list = arguments.isEmpty ? "" : "(\(arguments.joined(separator: ", ")))"
        guard let type = schema.type(field.type), type.isComposite else { return field.name + list }
        return "\(field.name)\(list) { \(selections(of: type, schema, depth: depth - 1)) }"
    }

    private static func selections(of type: GraphQLType, _ schema: GraphQLSchema, depth: Int) -> String {
        var parts = ["__typename"]
        for field in type.fields where !field.name.hasPrefix("__") {
            guard let fieldType = schema.type(field.type), depth > 0 || !fieldType.isComposite else { continue }
            parts.append(selection(of: field, schema, depth: depth))
        }
        if type.kind == .union {
            parts += schema.possibleTypes(type).sorted().compactMap { schema.types[$0] }.map {
                "... on \($0.name) { \(selections(of: $0, schema, depth: depth)) }"
            }
        }
        return parts.joined(separator: " ")
    }
}
