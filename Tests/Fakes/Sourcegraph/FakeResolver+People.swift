import MigrationKitBase
import TestSupport

/// Users, organizations, and what belongs to them.
extension FakeResolver {
    package func user(_ user: FakeInstance.User) -> GraphQLObject {
        GraphQLObject("User")
            .with("id", .text(Self.id("User", user.id))).with("databaseID", .int(user.id))
            .with("username", .text(user.username)).with("displayName", .text(user.displayName))
            .with("siteAdmin", .bool(user.siteAdmin)).with("createdAt", .date(user.createdAt))
            .with("latestSettings", .null).with("settingsURL", .text("/users/\(user.username)/settings"))
            .resolving("viewerCanAdminister") { _, _ in .bool(isSiteAdmin || viewer?.id == user.id) }
            .resolving("emails") { _, _ in
                guard isSiteAdmin || viewer?.id == user.id else {
                    throw FakeFailure("must be authenticated as the authorized user or site admin")
                }
                return .list(
                    user.emails.map { email in
                        .object(
                            GraphQLObject("UserEmail").with("email", .text(email.email))
                                .with("verified", .bool(email.verified)))
                    })
            }
    }

    package func addPeople(to query: inout GraphQLObject) {
        query =
            query
            .resolving("users") { arguments, instance in
                try requireUser()
                let offset = repeatsPages ? 0 : arguments["after"]?.string.flatMap { Int($0) } ?? 0
                let rest = instance.users.dropFirst(offset)
                let page = rest.prefix(arguments["first"]?.integer.map { Int($0) } ?? rest.count)
                let next = page.count < rest.count ? "\(offset + page.count)" : nil
                return .object(
                    count("UserConnection", instance.users.count).with("nodes", .list(page.map { .object(user($0)) }))
                        .with("pageInfo", pageInfo(next)))
            }
            .resolving("user") { arguments, instance in
                let (name, email) = (arguments["username"]?.string, arguments["email"]?.string?.lowercased())
                let found = instance.users.first { user in
                    name.map { $0 == user.username }
                        ?? user.emails.contains { $0.verified && $0.email.lowercased() == email }
                }
                return found.map { .object(user($0)) } ?? .null
            }
            .resolving("organizations") { arguments, instance in
                try requireSiteAdmin()
                let all = instance.organizations.enumerated().map { index, name in
                    GraphQLObject("Org").with("id", .text(Self.id("Org", index + 1))).with("name", .text(name))
                        .with("displayName", .null)
                }
                let page = all.prefix(arguments["first"]?.integer.map { Int($0) } ?? all.count)
                return .object(count("OrgConnection", all.count).with("nodes", .list(page.map { .object($0) })))
            }
            .resolving("savedSearches") { arguments, instance in try savedSearches(arguments, instance) }
    }

    /// Three eras: the viewer's own; those of one namespace; those of the instance, for site admins.
    private func savedSearches(
        _ arguments: GraphQLObject.Arguments, _ instance: FakeInstance
    ) throws -> GraphQLValue {
        guard let viewer else { throw FakeFailure("No currently authenticated user") }
        let own = instance.savedSearches.filter { $0.owner == "User:\(viewer.id)" }
        if api < SourcegraphVersion(4, 5) {
            return .list(
                own.map { search in
                    .object(
                        GraphQLObject("SavedSearch").with("id", .text(Self.id("SavedSearch", search.id)))
                            .with("description", .text(search.description)).with("query", .text(search.query)))
                })
        }
        var found = arguments["viewerIsAffiliated"] == true ? own : instance.savedSearches
        if let owner = arguments["namespace"]?.string ?? arguments["owner"]?.string {
            let owners =
                (instance.users.map { ("User", $0.id) } + instance.organizations.indices.map { ("Org", $0 + 1) })
            guard let (kind, number) = owners.first(where: { Self.id($0.0, $0.1) == owner }) else {
                throw FakeFailure("invalid namespace \"\(owner)\"")
            }
            found = found.filter { $0.owner == "\(kind):\(number)" }
        } else if arguments["viewerIsAffiliated"] != true, !isSiteAdmin {
            throw FakeFailure("must specify owner or viewerIsAffiliated args: must be site admin")
        }
        let cursors = GraphQLObject("ConnectionPageInfo").with("startCursor", .null).with("endCursor", .null)
            .with("hasNextPage", .bool(false)).with("hasPreviousPage", .bool(false))
        return .object(
            GraphQLObject("SavedSearchesConnection").with("totalCount", .int(found.count))
                .with("pageInfo", .object(cursors)))
    }
}
