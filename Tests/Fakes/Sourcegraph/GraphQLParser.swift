import TestSupport

/// Reads documents and, with `GraphQLSchemaParser`, schemas.
package struct GraphQLParser {
    private var lexer: GraphQLLexer
    package private(set) var token: GraphQLToken
    package private(set) var location: GraphQLLocation
    private var depth = 0

    /// Nobody nests deeper than this; without a limit the stack would be one.
    private static let depthLimit = 200

    package init(_ text: String) throws(GraphQLSyntaxError) {
        lexer = GraphQLLexer(text)
        (token, location) = try lexer.next()
    }

    /// The document in a text.
    package static func document(_ text: String) throws(GraphQLSyntaxError) -> GraphQLDocument {
        var parser = try GraphQLParser(text)
        var document = GraphQLDocument()
        while parser.token != .end {
            if case .name("fragment") = parser.token {
                document.fragments.append(try parser.fragment())
            } else {
                document.operations.append(try parser.operation())
            }
        }
        return document
    }

    // MARK: Words

    package mutating func advance() throws(GraphQLSyntaxError) { (token, location) = try lexer.next() }

    package func unexpected(_ expected: String? = nil) -> GraphQLSyntaxError {
        let found =
            switch token {
            case .name(let text), .integer(let text), .float(let text), .punctuator(let text): text
            case .string(let text): AnyJSON.string(text).text
            case .end: ""
            }
        return GraphQLSyntaxError(
            message: "syntax error: unexpected \"\(found)\"" + (expected.map { ", expecting \($0)" } ?? ""),
            location: location)
    }

    package mutating func name() throws(GraphQLSyntaxError) -> String {
        guard case .name(let name) = token else { throw unexpected("Ident") }
        try advance()
        return name
    }

    package mutating func expect(_ sign: String) throws(GraphQLSyntaxError) {
        guard token == .punctuator(sign) else { throw unexpected("\"\(sign)\"") }
        try advance()
    }

    /// Takes a sign if it is there.
    package mutating func take(_ sign: String) throws(GraphQLSyntaxError) -> Bool {
        guard token == .punctuator(sign) else { return false }
        try advance()
        return true
    }

    private mutating func nested<Value>(
        _ body: (inout GraphQLParser) throws(GraphQLSyntaxError) -> Value
    ) throws(GraphQLSyntaxError) -> Value {
        guard depth < Self.depthLimit else {
            throw GraphQLSyntaxError(message: "syntax error: nested too deeply", location: location)
        }
        depth += 1
        let value = try body(&self)
        depth -= 1
        return value
    }

    // MARK: Operations and selections

    private mutating func operation() throws(GraphQLSyntaxError) -> GraphQLOperation {
        let place = location
        if token == .punctuator("{") {
            return GraphQLOperation(
                kind: .query, variables: [], directives: [], selections: try selections(), location: place)
        }
        guard case .name(let word) = token, let kind = GraphQLOperation.Kind(rawValue: word) else {
            throw unexpected("\"fragment\"")
        }
        try advance()
        var operation = GraphQLOperation(
            kind: kind, variables: [], directives: [], selections: [], location: place)
        if case .name = token { operation.name = try name() }
        if try take("(") {
            while try !take(")") {
                try expect("$")
                operation.variables.append(try input())
            }
        }
        operation.directives = try directives()
        operation.selections = try selections()
        return operation
    }

    private mutating func fragment() throws(GraphQLSyntaxError) -> GraphQLFragment {
        let place = location
        try advance()
        let name = try name()
        guard name != "on", case .name("on") = token else { throw unexpected("\"on\"") }
        try advance()
        return GraphQLFragment(
            name: name, type: try self.name(), directives: try directives(), selections: try selections(),
            location: place)
    }

    private mutating func selections() throws(GraphQLSyntaxError) -> [GraphQLSelection] {
        try expect("{")
        var selections: [GraphQLSelection] = []
        repeat {
            selections.append(try nested { (parser) throws(GraphQLSyntaxError) in try parser.selection() })
        } while try !take("}")
        return selections
    }

    private mutating func selection() throws(GraphQLSyntaxError) -> GraphQLSelection {
        let place = location
        guard try take("...") else { return .field(try field()) }
        if case .name(let word) = token, word != "on" {
            try advance()
            return .spread(GraphQLSpread(name: word, directives: try directives(), location: place))
        }
        var type: String?
        if case .name("on") = token {
            try advance()
            type = try name()
        }
        return .inline(
            GraphQLInlineFragment(
                type: type, directives: try directives(), selections: try selections(), location: place))
    }

    private mutating func field() throws(GraphQLSyntaxError) -> GraphQLField {
        let place = location
        var name = try name()
        var alias: String?
        if try take(":") { (alias, name) = (name, try self.name()) }
        return GraphQLField(
            alias: alias, name: name, arguments: try arguments(), directives: try directives(),
            selections: token == .punctuator("{") ? try selections() : nil, location: place)
    }

    // MARK: Values and types

    package mutating func arguments() throws(GraphQLSyntaxError) -> [GraphQLArgument] {
        guard try take("(") else { return [] }
        var arguments: [GraphQLArgument] = []
        repeat {
            let place = location
            let name = try name()
            try expect(":")
            arguments.append(GraphQLArgument(name: name, value: try literal(), location: place))
        } while try !take(")")
        return arguments
    }

    package mutating func directives() throws(GraphQLSyntaxError) -> [GraphQLDirective] {
        var directives: [GraphQLDirective] = []
        while token == .punctuator("@") {
            let place = location
            try advance()
            directives.append(GraphQLDirective(name: try name(), arguments: try arguments(), location: place))
        }
        return directives
    }

    /// `name: Type = default`.
    package mutating func input() throws(GraphQLSyntaxError) -> GraphQLInput {
        let place = location
        let name = try name()
        try expect(":")
        let type = try type()
        return GraphQLInput(name: name, type: type, standard: try take("=") ? try literal() : nil, location: place)
    }

    package mutating func type() throws(GraphQLSyntaxError) -> GraphQLTypeReference {
        let type: GraphQLTypeReference
        if try take("[") {
            let element = try nested { (parser) throws(GraphQLSyntaxError) in try parser.type() }
            try expect("]")
            type = .list(element)
        } else {
            type = .named(try name())
        }
        return try take("!") ? .required(type) : type
    }

    package mutating func literal() throws(GraphQLSyntaxError) -> GraphQLLiteral {
        let word = token
        switch word {
        case .punctuator("$"):
            try advance()
            return .variable(try name())
        case .punctuator("["):
            try advance()
            var elements: [GraphQLLiteral] = []
            while try !take("]") {
                elements.append(try nested { (parser) throws(GraphQLSyntaxError) in try parser.literal() })
            }
            return .list(elements)
        case .punctuator("{"):
            try advance()
            var members: [GraphQLLiteral.Member] = []
            while try !take("}") {
                let name = try name()
                try expect(":")
                let value = try nested { (parser) throws(GraphQLSyntaxError) in try parser.literal() }
                members.append(GraphQLLiteral.Member(name: name, value: value))
            }
            return .object(members)
        case .punctuator, .end: throw unexpected("value")
        case .integer(let text):
            try advance()
            return .integer(text)
        case .float(let text):
            try advance()
            return .float(text)
        case .string(let text):
            try advance()
            return .string(text)
        case .name(let text):
            try advance()
            switch text {
            case "true": return .boolean(true)
            case "false": return .boolean(false)
            case "null": return .null
            default: return .enumeration(text)
            }
        }
    }
}
