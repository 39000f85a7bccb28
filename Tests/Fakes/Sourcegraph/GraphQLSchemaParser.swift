import Foundation
package import MigrationKitBase

/// Reads a file that holds the schemas of many releases: whatever is not in all of them has the directive
/// `@releases(since:before:)`. Something that has changed stands there twice.
package struct GraphQLSchemaParser {
    private var parser: GraphQLParser
    private let version: SourcegraphVersion
    private var types: [String: GraphQLType] = [:]

    /// The file does not say what it should.
    package struct Fault: Error { var message: String }

    /// The schema of a release, from the fixtures.
    package static func schema(of version: SourcegraphVersion) throws -> GraphQLSchema {
        let url = Bundle.module.url(forResource: "schema", withExtension: "graphql")
        guard let url else { throw CocoaError(.fileReadNoSuchFile) }
        return try schema(of: version, in: String(contentsOf: url, encoding: .utf8))
    }

    package static func schema(of version: SourcegraphVersion, in text: String) throws -> GraphQLSchema {
        var parser = try GraphQLSchemaParser(parser: GraphQLParser(text), version: version)
        while parser.parser.token != .end { try parser.definition() }
        let builtIn = ["Int", "Float", "String", "Boolean", "ID"].map { GraphQLType(name: $0, kind: .scalar) }
        for type in builtIn { try parser.add(type, true) }
        let schema = GraphQLSchema(types: parser.types)
        guard schema.danglingNames.isEmpty else {
            throw Fault(message: "\(version): not defined: \(schema.danglingNames.sorted().joined(separator: ", "))")
        }
        return schema
    }

    private init(parser: GraphQLParser, version: SourcegraphVersion) {
        (self.parser, self.version) = (parser, version)
    }

    private mutating func add(_ type: GraphQLType, _ isThere: Bool) throws {
        guard isThere else { return }
        guard types.updateValue(type, forKey: type.name) == nil else {
            throw Fault(message: "\(version): \(type.name) is defined twice")
        }
    }

    private mutating func definition() throws {
        let keyword = try parser.name()
        if keyword == "directive" { return try directiveDefinition() }
        let name = try parser.name()
        switch keyword {
        case "scalar": try add(GraphQLType(name: name, kind: .scalar), isThere())
        case "enum":
            let isThere = try isThere()
            let values = try list { try $0.value() }
            try add(GraphQLType(name: name, kind: .enumeration, values: values), isThere)
        case "input":
            let isThere = try isThere()
            try add(GraphQLType(name: name, kind: .input, inputs: try list { try $0.input() }), isThere)
        case "type", "interface":
            var type = GraphQLType(name: name, kind: keyword == "type" ? .object : .interface)
            if case .name("implements") = parser.token {
                try parser.advance()
                repeat { type.interfaces.append(try parser.name()) } while try parser.take("&")
            }
            let isThere = try isThere()
            type.fields = try list { try $0.field() }
            for (name, fields) in Dictionary(grouping: type.fields, by: \.name) where fields.count > 1 {
                throw Fault(message: "\(version): \(type.name).\(name) is there twice")
            }
            try add(type, isThere)
        case "union":
            let isThere = try isThere()
            try parser.expect("=")
            var type = GraphQLType(name: name, kind: .union)
            repeat { type.members.append(try parser.name()) } while try parser.take("|")
            try add(type, isThere)
        default: throw Fault(message: "line \(parser.location.line): \(keyword)?")
        }
    }

    /// `directive @releases(…) on …`, which is for whoever reads the file.
    private mutating func directiveDefinition() throws {
        try parser.expect("@")
        _ = try parser.name()
        try parser.expect("(")
        while try !parser.take(")") { _ = try parser.input() }
        _ = try parser.name()
        repeat { _ = try parser.name() } while try parser.take("|")
    }

    /// What is between braces, as far as this release has it.
    private mutating func list<Value>(_ element: (inout Self) throws -> Value?) throws -> [Value] {
        try parser.expect("{")
        var values: [Value] = []
        while try !parser.take("}") {
            if let value = try element(&self) { values.append(value) }
        }
        return values
    }

    private mutating func value() throws -> String? {
        let name = try parser.name()
        return try isThere() ? name : nil
    }

    private mutating func input() throws -> GraphQLInput? {
        let input = try parser.input()
        return try isThere() ? input : nil
    }

    private mutating func field() throws -> GraphQLFieldDefinition? {
        let name = try parser.name()
        var arguments: [GraphQLInput] = []
        if try parser.take("(") {
            while try !parser.take(")") {
                if let argument = try input() { arguments.append(argument) }
            }
        }
        try parser.expect(":")
        let type = try parser.type()
        return try isThere() ? GraphQLFieldDefinition(name: name, arguments: arguments, type: type) : nil
    }

    /// Whether what the directives before belong to is in this release: it is in any of those that they name.
    private mutating func isThere() throws -> Bool {
        let directives = try parser.directives()
        guard !directives.isEmpty else { return true }
        var isThere = false
        for directive in directives {
            guard directive.name == "releases" else { throw Fault(message: "@\(directive.name)?") }
            var releases = GraphQLReleases()
            for argument in directive.arguments {
                guard case .string(let text) = argument.value, let version = SourcegraphVersion(text) else {
                    throw Fault(message: "line \(directive.location.line): \(argument.value) is no release")
                }
                switch argument.name {
                case "since": releases.since = version
                case "before": releases.before = version
                default: throw Fault(message: "line \(directive.location.line): \(argument.name)?")
                }
            }
            if releases.contains(version) { isThere = true }
        }
        return isThere
    }
}
