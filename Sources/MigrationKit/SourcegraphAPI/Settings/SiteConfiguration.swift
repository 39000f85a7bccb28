/// An instance's site configuration as it is at a moment, and how it is changed.
///
/// Secrets in it are shown as `REDACTED`, and put back by the instance when it is written; releases before 4.0 show
/// them.
///
/// Source: Sourcegraph 5.1.8, cmd/frontend/graphqlbackend/site.go and internal/conf/validate.go.
package struct SiteConfiguration: Sendable {
    /// The number of its version; always the same before 4.1.
    let id: Int
    /// Its text.
    let text: SettingsText
    /// All of it, read.
    package var value: JSONValue { text.value }

    private static let page = "Site configuration"

    /// Reads it.
    ///
    /// - Throws: ``MigrationError`` if whoever asks may not see it, or it is no JSON.
    package init(of instance: SourcegraphInstance) async throws {
        struct Answer: Decodable, Sendable {
            var site: Site
            struct Site: Decodable { var configuration: Configuration }
            struct Configuration: Decodable {
                var id: Int
                var effectiveContents: String
            }
        }
        var query = GraphQLQuery("SiteConfiguration", "", "site { configuration { id effectiveContents } }")
        query.isConfidential = true
        let found = try await instance.ask(query, as: Answer.self, "The site configuration").site.configuration
        id = found.id
        text = try SettingsText(found.effectiveContents, page: Self.page)
    }

    /// What came of a change.
    enum Change: Equatable {
        /// The instance has it, as far as it says.
        case taken(needsRestart: Bool)
        /// Somebody else was faster.
        case stale
    }

    /// Writes another text in place of this one, unless somebody else was faster.
    ///
    /// - Parameters:
    ///   - new: The whole text.
    ///   - remedy: What to do about a configuration that comes from a file.
    ///   - instance: Where.
    /// - Throws: ``MigrationError`` if it cannot be written over the API, or the instance finds fault with it.
    func write(_ new: String, orElse remedy: String, of instance: SourcegraphInstance) async throws -> Change {
        struct Answer: Decodable, Sendable { var updateSiteConfiguration: Bool }
        var query = GraphQLQuery(
            name: "UpdateSiteConfiguration",
            text: """
                mutation UpdateSiteConfiguration($lastID: Int!, $input: String!) \
                { updateSiteConfiguration(lastID: $lastID, input: $input) }
                """,
            variables: ["lastID": .number(Double(id)), "input": .string(new)])
        query.isConfidential = true
        let what = "Editing the site configuration"
        do {
            let answer = try await instance.answer(query, as: Answer.self, what)
            return .taken(needsRestart: answer.updateSiteConfiguration)
        } catch let errors as GraphQLErrors {
            if errors.messages.contains(where: { $0.contains("modified by another request") }) { return .stale }
            guard errors.messages.contains(where: { $0.contains("SITE_CONFIG_FILE") }) else {
                throw errors.error(what)
            }
            throw MigrationError(
                .unmetRequirement,
                "The site configuration of \(instance.client.access.name) comes from a file (SITE_CONFIG_FILE), so the "
                    + "API cannot edit it.", next: remedy)
        }
    }
}
