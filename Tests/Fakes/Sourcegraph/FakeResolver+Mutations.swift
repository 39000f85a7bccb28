import Foundation
import MigrationKitBase
import TestSupport

extension FakeResolver {
    package var mutation: GraphQLObject {
        addAccounts(toMutation: GraphQLObject("Mutation"))
            .resolving("settingsMutation") { arguments, instance in
                try .object(settingsMutation(arguments["input"], instance))
            }
            .resolving("updateSiteConfiguration") { arguments, instance in
                try updateSiteConfiguration(arguments, &instance)
                return .bool(false)
            }
            .resolving("createAccessToken") { arguments, instance in
                try createAccessToken(arguments, &instance)
            }
            .resolving("deleteAccessToken") { arguments, instance in
                try requireUser()
                let count = instance.accessTokens.count
                instance.accessTokens.removeAll { token in
                    arguments["byID"]?.string == Self.id("AccessToken", token.id)
                        || arguments["byToken"]?.string == token.token
                }
                guard instance.accessTokens.count < count else { throw FakeFailure("access token not found") }
                return .object(Self.empty)
            }
            .resolving("reloadSite") { _, _ in
                try requireSiteAdmin()
                throw FakeFailure("reloading site is not supported")
            }
    }

    package static let empty = GraphQLObject("EmptyResponse").with("alwaysNil", .null)

    // MARK: Settings

    package static func settings(_ row: FakeInstance.SettingsRow) -> GraphQLObject {
        GraphQLObject("Settings").with("id", .int(row.id)).with("createdAt", .date(row.createdAt))
            // An empty text, which very old instances may have, is shown as no settings.
            .with("contents", .text(row.contents.isEmpty ? "{}" : row.contents))
    }

    package func viewerSettings(_ instance: FakeInstance) -> GraphQLObject {
        let contents = try? JSONCParser.parse(instance.latestSettings?.contents ?? "{}")?.json
        return GraphQLObject("SettingsCascade")
            .with("final", .text((contents ?? [:]).text))
            .resolving("subjects") { _, instance in .list([.object(site(instance))]) }
    }

    private func settingsMutation(_ input: AnyJSON?, _ instance: FakeInstance) throws -> GraphQLObject {
        guard let subject = input?["subject"]?.string.flatMap({ node($0, instance) }) else {
            throw FakeFailure("invalid id")
        }
        guard subject.type == "Site", isSiteAdmin else {
            throw FakeFailure("viewer is not allowed to edit these settings")
        }
        let lastID = input?["lastID"]?.integer.map { Int($0) }
        let payload = GraphQLValue.object(
            // The real resolver gives nothing, though its type is an object.
            GraphQLObject("UpdateSettingsPayload").with("empty", .null))
        return GraphQLObject("SettingsMutation")
            .resolving("editSettings") { arguments, instance in
                try instance.editSettings(arguments["edit"] ?? .null, lastID: lastID, author: viewer?.id)
                return payload
            }
            .resolving("overwriteSettings") { arguments, instance in
                try instance.writeSettings(arguments["contents"]?.string ?? "", lastID: lastID, author: viewer?.id)
                return payload
            }
    }

    // MARK: Site configuration and tokens

    private func updateSiteConfiguration(_ arguments: GraphQLObject.Arguments, _ instance: inout FakeInstance) throws {
        try requireSiteAdmin()
        guard !instance.hasSiteConfigFile else {
            throw FakeFailure("updating site configuration not allowed when using SITE_CONFIG_FILE")
        }
        let contents = arguments["input"]?.string ?? ""
        guard contents.contains(where: { !$0.isWhitespace }) else {
            throw FakeFailure(
                "blank site configuration is invalid (you can clear the site configuration by entering an empty JSON "
                    + "object: {})")
        }
        let lastID = arguments["lastID"]?.integer.map { Int($0) }
        guard api < Self.firstWithConfigurationID || lastID == instance.siteConfiguration.id else {
            throw FakeFailure("site config has been modified by another request, write not allowed")
        }
        let secret = instance.siteConfiguration.secret
        instance.siteConfiguration.contents = contents.replacing("REDACTED", with: secret)
        instance.siteConfiguration.id += 1
    }

    private func createAccessToken(
        _ arguments: GraphQLObject.Arguments, _ instance: inout FakeInstance
    ) throws -> GraphQLValue {
        try requireUser()
        let user = try Self.number(arguments["user"]?.string ?? "", "User")
        guard user == viewer?.id else { throw FakeFailure("must be authenticated as user with id \(user)") }
        let scopes = arguments["scopes"]?.array?.compactMap(\.string) ?? []
        guard scopes.contains("user:all") else {
            throw FakeFailure("all access tokens must have scope \"user:all\"")
        }
        let id = (instance.accessTokens.map(\.id).max() ?? 0) + 1
        let token = "sgp_" + String(repeating: "0", count: 36) + String(1000 + id)
        instance.accessTokens.append(
            FakeInstance.AccessToken(
                id: id, token: token, user: user, note: arguments["note"]?.string ?? "", scopes: scopes))
        return .object(
            GraphQLObject("CreateAccessTokenResult").with("id", .text(Self.id("AccessToken", id)))
                .with("token", .text(token)))
    }
}
