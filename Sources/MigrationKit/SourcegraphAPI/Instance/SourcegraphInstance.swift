internal import MigrationKitFoundation

/// An instance that has answered: which it is, and who is asking.
package struct SourcegraphInstance: Sendable {
    /// What it is asked with.
    package let client: SourcegraphClient
    /// What it says of its version: `5.1.8`, or something that names no release.
    package let productVersion: String
    /// Its id, which goes with its databases wherever they go.
    package let siteID: String
    /// Whose access token it is; nil: nobody's.
    package let user: User?

    /// Whose access token it is.
    package struct User: Sendable, Hashable, Decodable {
        /// The name to log in with.
        package let username: String
        /// Whether the user may do and see everything.
        package let siteAdmin: Bool
    }

    /// The release; nil if it names none.
    package var version: SourcegraphVersion? { SourcegraphVersion(productVersion) }

    /// The release whose API is spoken with it: that of a build without a number is the newest that is known.
    package var api: SourcegraphVersion { version ?? .newestKnown }

    /// Asks an instance who it is.
    ///
    /// - Parameter client: What it is asked with.
    /// - Throws: ``MigrationError`` if it cannot be reached, does not take the token, or is no Sourcegraph.
    package init(_ client: SourcegraphClient) async throws {
        struct Answer: Decodable, Sendable {
            var site: Site
            var currentUser: User?
            struct Site: Decodable {
                var siteID: String
                var productVersion: String
            }
        }
        let query = GraphQLQuery("Instance", "", "site { siteID productVersion } currentUser { username siteAdmin }")
        let what = "Connecting to \(client.access.name)"
        let answer: Answer
        do { answer = try await client.answer(query, what) } catch let errors as GraphQLErrors {
            throw errors.error(what)
        }
        self.client = client
        productVersion = answer.site.productVersion
        siteID = answer.site.siteID
        user = answer.currentUser
    }

    /// Who is asking.
    ///
    /// - Throws: ``MigrationError`` if the instance does not know.
    package func requireUser() throws -> User {
        if let user { return user }
        let page = client.access.endpoint.appending(path: "user/settings/tokens/new").absoluteString
        throw MigrationError(
            .unmetRequirement, "\(client.access.name) does not know who is asking: it was given no access token.",
            next: "Make one as a site admin at \(page) (scope user:all), and set SRC_ACCESS_TOKEN.")
    }

    /// - Throws: ``MigrationError`` unless the token is a site admin's.
    package func requireSiteAdmin() throws {
        let user = try requireUser()
        guard user.siteAdmin else {
            throw MigrationError(
                .unmetRequirement, "The access token belongs to \(user.username.printable), who is not a site admin.",
                next: "Use a site admin's token, or make \(user.username.printable) a site admin "
                    + "(Site admin, Users & auth, Users).")
        }
    }
}

extension SourcegraphInstance {
    /// Sends a query.
    ///
    /// - Parameters:
    ///   - query: What is asked.
    ///   - answer: The shape of the data.
    ///   - what: What that is, as the beginning of a sentence.
    /// - Throws: ``GraphQLErrors`` if the instance says that it could not answer; ``MigrationError`` for all else.
    func answer<Answer: Decodable & Sendable>(
        _ query: GraphQLQuery, as answer: Answer.Type = Answer.self, _ what: String
    ) async throws -> Answer {
        var query = query
        query.isCompressed = api >= .takesGzip
        return try await client.answer(query, as: answer, what)
    }

    /// Sends a query whose answer is needed: that the instance could not answer is an error for a person.
    package func ask<Answer: Decodable & Sendable>(
        _ query: GraphQLQuery, as answer: Answer.Type = Answer.self, _ what: String
    ) async throws -> Answer {
        do {
            return try await self.answer(query, as: answer, what)
        } catch let errors as GraphQLErrors {
            throw errors.error(what)
        }
    }
}

extension SourcegraphVersion {
    /// The newest release whose API is known here.
    package static let newestKnown = SourcegraphVersion(7, 2, 1943)
    /// The first that takes requests as gzip. Source: the feature gates of src-cli.
    static let takesGzip = SourcegraphVersion(3, 21)
}
