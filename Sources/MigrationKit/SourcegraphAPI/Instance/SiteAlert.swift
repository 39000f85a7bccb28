/// A line above an instance's pages that site admins see.
package struct SiteAlert: Decodable, Sendable {
    /// `INFO`, `WARNING` or `ERROR`.
    package var type: String
    /// What it says, in Markdown.
    package var message: String
    /// The few that can be clicked away have a name.
    package var isDismissibleWithKey: String?
}

extension SourcegraphInstance {
    /// Asks for the alerts: a request of its own, for the instance calls other servers to make them.
    package func siteAlerts() async throws -> [SiteAlert] {
        struct Answer: Decodable, Sendable {
            var site: Site
            struct Site: Decodable { var alerts: [SiteAlert] }
        }
        let query = GraphQLQuery("SiteAlerts", "", "site { alerts { type message isDismissibleWithKey } }")
        return try await ask(query, as: Answer.self, "The instance's alerts").site.alerts
    }
}
