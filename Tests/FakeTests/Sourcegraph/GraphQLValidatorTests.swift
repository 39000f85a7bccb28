import FakeSourcegraph
import TestSupport
import Testing

/// What the real server refuses is refused, in its words.
@Suite(.timeLimit(.minutes(30))) struct GraphQLValidatorTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var query: String
        var variables: [String: AnyJSON]
        var messages: [String]

        init(_ query: String, _ variables: [String: AnyJSON] = [:], _ messages: String...) {
            (self.query, self.variables, self.messages) = (query, variables, messages)
        }

        var testDescription: String { query }
    }

    private static func messages(_ query: String, _ variables: [String: AnyJSON] = [:]) throws -> [String] {
        let schema = try SourcegraphSchemaTests.schema("5.1.8")
        return try GraphQLValidator.errors(in: GraphQLParser.document(query), schema, variables: variables)
            .map(\.message)
    }

    private static let refused = [
        Row("{ site { x } }", [:], "Cannot query field \"x\" on type \"Site\"."),
        Row("{ site { id(first: 1) } }", [:], "Unknown argument \"first\" on field \"id\" of type \"Site\"."),
        Row(
            "{ node { id } }", [:],
            "Field \"node\" argument \"id\" of type \"ID!\" is required but not provided."),
        Row(
            "{ users(first: \"1\") { totalCount } }", [:],
            "Argument \"first\" has invalid value \"1\".\nExpected type \"Int\", found \"1\"."),
        Row(
            "{ users(first: 3000000000) { totalCount } }", [:],
            "Argument \"first\" has invalid value 3000000000.\nExpected type \"Int\", found 3000000000."),
        Row(
            "{ permissionsSyncJobs(first: 1, state: BROKEN) { totalCount } }", [:],
            "Argument \"state\" has invalid value BROKEN.\nExpected type \"PermissionsSyncJobState\", found BROKEN."),
        Row(
            "{ permissionsSyncJobs(first: 1, state: \"FAILED\") { totalCount } }", [:],
            "Argument \"state\" has invalid value \"FAILED\".\nExpected type \"PermissionsSyncJobState\", found \"FAILED\"."
        ),
        Row("query Q { users(first: $n) { totalCount } }", [:], "Variable \"$n\" is not defined by operation \"Q\"."),
        Row("query Q($n: Int) { site { id } }", [:], "Variable \"$n\" is never used in operation \"Q\"."),
        Row(
            "query Q($n: String) { users(first: $n) { totalCount } }", [:],
            "Variable \"$n\" of type \"String\" used in position expecting type \"Int\"."),
        Row(
            "query Q($id: ID) { node(id: $id) { id } }", [:],
            "Variable \"$id\" of type \"ID\" used in position expecting type \"ID!\"."),
        Row(
            "query Q($id: ID!) { node(id: $id) { id } }", [:],
            "Variable \"id\" has invalid value null.\nExpected type \"ID!\", found null."),
        Row(
            "query Q($n: Int) { users(first: $n) { totalCount } }", ["n": "1"],
            "Variable \"n\" has invalid value \"1\".\nExpected type \"Int\", found \"1\"."),
        Row(
            "query Q($s: Site) { site { id } }", [:], "Variable \"$s\" cannot be non-input type \"Site\".",
            "Variable \"$s\" is never used in operation \"Q\"."),
        Row(
            "query Q($s: Nothing) { site { id } }", [:], "Unknown type \"Nothing\".",
            "Variable \"$s\" is never used in operation \"Q\"."),
        Row(
            "{ site }", [:],
            "Field \"site\" of type \"Site!\" must have a selection of subfields. Did you mean \"site { ... }\"?"),
        Row(
            "{ site { id { x } } }", [:],
            "Field \"id\" must not have a selection since type \"ID!\" has no subfields."),
        Row("query A { site { id } } query A { site { id } }", [:], "There can be only one operation named \"A\"."),
        Row(
            "query A { site { id } } { site { id } }", [:],
            "This anonymous operation must be the only defined operation."),
        Row("{ site { ...F } }", [:], "Unknown fragment \"F\"."),
        Row("{ site { id } } fragment F on Site { id }", [:], "Fragment \"F\" is never used."),
        Row("{ site { ...F } } fragment F on Site { ...F }", [:], "Cannot spread fragment \"F\" within itself."),
        Row(
            "{ site { ... on User { id } } }", [:],
            "Fragment cannot be spread here as objects of type \"Site\" can never be of type \"User\"."),
        Row("{ node(id: 1) { ... on Nobody { id } } }", [:], "Unknown type \"Nobody\"."),
        Row("{ site @defer { id } }", [:], "Unknown directive \"defer\"."),
        Row(
            "{ site @skip { id } }", [:],
            "Directive \"@skip\" argument \"if\" of type \"Boolean!\" is required but not provided."),
        Row(
            "{ site { a: id a: siteID } }", [:],
            "Fields \"a\" conflict because id and siteID are different fields. Use different aliases on the fields to "
                + "fetch both if this was intentional."),
        Row(
            "{ users(first: 1) { totalCount } users(first: 2) { totalCount } }", [:],
            "Fields \"users\" conflict because they have differing arguments. Use different aliases on the fields to "
                + "fetch both if this was intentional."),
        Row(
            "mutation { settingsMutation(input: {lastID: 1}) { __typename } }", [:],
            "Argument \"input\" has invalid value {lastID: 1}.\nIn field \"subject\": Expected \"ID!\", found null."),
        Row(
            "mutation { settingsMutation(input: {subject: 1, x: 1}) { __typename } }", [:],
            "Argument \"input\" has invalid value {subject: 1, x: 1}.\nIn field \"x\": Unknown field."),
        Row(
            "mutation M($i: SettingsMutationGroupInput!) { settingsMutation(input: $i) { __typename } }",
            ["i": ["subject": "x", "lastId": 1]],
            "Variable \"i\" has an unknown field \"lastId\" in \"SettingsMutationGroupInput\"."),
    ]

    @Test(arguments: refused) func invalidQueryIsRefusedInTheServersWords(row: Row) throws {
        #expect(try Self.messages(row.query, row.variables) == row.messages)
    }

    @Test(arguments: [
        Row("query Q($n: Int = 3) { users(first: $n) { totalCount } }"),
        Row(
            "{ node(id: \"x\") { id __typename ... on User { username } ... on Site { siteID } ...F } } fragment F on User { id }"
        ),
        Row("{ site { id id ... on Site { id } ... @include(if: true) { siteID } } }"),
        Row("{ a: users(first: 1) { totalCount } b: users(first: 2) { totalCount } }"),
        Row("query A { site { id } } query B { site { id } }"),
        Row(
            "mutation M($v: JSONValue) { settingsMutation(input: {subject: \"x\"}) { editSettings(edit: {keyPath: {property: \"a\"}, value: $v}) { __typename } } }",
            ["v": [1, "two"]]),
        Row("{ # a comment\n site, { id } }"),
    ]) func validQueryIsTaken(row: Row) throws {
        #expect(try Self.messages(row.query, row.variables) == [])
    }

    @Test(arguments: [
        "", "{", "{ site", "{ site { } }", "query { site { id } } }", "{ site(first: ) { id } }", "{ a: }",
        "{ node(id: \"x) { id } }", "subscribe { x }", "{ site { id } } ;", "{ users(first: 01) { totalCount } }",
        "\"x\"",
        String(repeating: "{ a ", count: 100_000),
    ])
    func whatIsNoDocumentIsRefused(text: String) {
        #expect(throws: GraphQLSyntaxError.self) {
            guard try !GraphQLParser.document(text).operations.isEmpty else {
                throw GraphQLSyntaxError(message: "no operations", location: GraphQLLocation(line: 1, column: 1))
            }
        }
    }

    @Test func placeOfAnErrorIsTold() throws {
        let schema = try SourcegraphSchemaTests.schema("5.1.8")
        let document = try GraphQLParser.document("query Q {\n  site {\n    x\n  }\n}")
        let errors = GraphQLValidator.errors(in: document, schema, variables: [:])
        #expect(errors.map(\.locations) == [[GraphQLLocation(line: 3, column: 5)]])
    }

    @Test func depthAndAliasesAreLimited() throws {
        let deep = (0..<28).reduce("kind") { inner, _ in "ofType { \(inner) }" }
        let type = "{ __type(name: \"Site\") { \(deep) } }"
        #expect(try Self.messages(type) == [])
        #expect(
            try Self.messages(type.replacing("kind", with: "ofType { kind }"))
                == ["Field \"kind\" has depth 31 that exceeds max depth 30"])
        let aliases = (0..<500).map { "a\($0): siteID" }.joined(separator: " ")
        #expect(try Self.messages("{ site { \(aliases) } }") == [])
        #expect(try Self.messages("{ site { \(aliases) b: siteID } }") == ["query exceeds maximum query cost"])
    }
}
