/// What is asked of an instance: a document with one operation, made for the version that it is sent to.
package struct GraphQLQuery: Sendable {
    /// The operation's name.
    var name: String
    /// The document. What a person or a server says stands in the variables, never here.
    var text: String
    /// The operation's variables.
    var variables: [String: JSONValue] = [:]
    /// Whether it is sent as gzip: not every release takes that.
    var isCompressed = false
    /// Whether the answer may hold secrets, and is shown to nobody.
    package var isConfidential = false
    /// A mutation is never sent twice: nobody can tell what became of one whose answer was lost.
    var isMutation: Bool { text.hasPrefix("mutation") }

    /// Makes a query.
    ///
    /// - Parameters:
    ///   - name: The operation's name.
    ///   - parameters: Its variables' types, as they stand in the document: `$first: Int!`.
    ///   - fields: What is selected of `Query`.
    ///   - variables: The variables.
    package init(_ name: String, _ parameters: String = "", _ fields: String, variables: [String: JSONValue] = [:]) {
        self.init(
            name: name, text: "query \(name)\(parameters.isEmpty ? "" : "(\(parameters))") { \(fields) }",
            variables: variables)
    }

    init(name: String, text: String, variables: [String: JSONValue]) {
        self.name = name
        self.text = text
        self.variables = variables
    }

    /// The request's body.
    var body: [UInt8] {
        struct Body: Encodable {
            var query: String
            var variables: [String: JSONValue]
        }
        return (try? Array(JSONText.encode(Body(query: text, variables: variables), pretty: false).utf8)) ?? []
    }
}
