/// A page of a list.
package struct InstancePage<Node: Decodable & Sendable>: Decodable, Sendable {
    /// How many nodes the whole list has.
    var totalCount: Int?
    /// Those of this page.
    package var nodes: [Node]
    /// Where the next page begins.
    package var pageInfo: PageInfo?

    package struct PageInfo: Decodable, Sendable {
        package var hasNextPage: Bool
        var endCursor: String?
    }
}

/// The answer to a query with one list under the alias `page`.
struct PagedAnswer<Node: Decodable & Sendable>: Decodable, Sendable { var page: InstancePage<Node> }

extension SourcegraphInstance {
    /// The most nodes that every release gives at once.
    ///
    /// Source: Sourcegraph 5.1.8, graphqlutil/connection_resolver.go: a hundred, however many are asked for.
    package static let pageSize = 100

    /// A million nodes: more is no list that anybody has.
    static let pageLimit = 10_000

    /// Reads a list page by page: a long one takes no more memory than a page.
    ///
    /// - Parameters:
    ///   - node: What is in the list.
    ///   - what: What it is a list of, as the beginning of a sentence.
    ///   - query: The query for the page after a cursor, with the list under the alias `page`.
    ///   - limit: More pages than these are an error.
    ///   - body: Takes a page, and tells whether the next one is wanted.
    /// - Throws: ``MigrationError`` if the instance cannot answer, or there is no end of pages.
    package func forEachPage<Node: Decodable & Sendable>(
        of node: Node.Type, _ what: String, limit: Int = Self.pageLimit, query: (_ cursor: JSONValue) -> GraphQLQuery,
        _ body: (InstancePage<Node>) throws -> Bool
    ) async throws {
        var seen: Set<String> = []
        var cursor = JSONValue.null
        while true {
            let page = try await ask(query(cursor), as: PagedAnswer<Node>.self, what).page
            guard page.nodes.count <= Self.pageSize else {
                throw MigrationError(.failed, "\(what): the instance sent more entries than were requested.")
            }
            guard try body(page), let info = page.pageInfo, info.hasNextPage else { return }
            guard let end = info.endCursor, !page.nodes.isEmpty, seen.insert(end).inserted else {
                throw MigrationError(.failed, "\(what): the instance sent the same page again.")
            }
            guard seen.count < limit else {
                throw MigrationError(.failed, "\(what): more than \(limit) pages.")
            }
            cursor = .string(end)
        }
    }
}
