package import MigrationKitBase
import TestSupport

extension FakeResolver {
    package func site(_ instance: FakeInstance) -> GraphQLObject {
        var site = GraphQLObject("Site")
            .with("id", .text(Self.siteID))
            .with("siteID", .text(instance.siteID))
            .with("productVersion", .text(instance.version))
            .with("buildVersion", .text(instance.version))
            .with("settingsURL", .text("/site-admin/global-settings"))
            .with("canReloadSite", .bool(false))
            .with("needsRepositoryConfiguration", .bool(instance.externalServices.isEmpty))
            .with("freeUsersExceeded", .bool(false))
            .with("hasCodeIntelligence", .bool(true))
            .with("sendsEmailVerificationEmails", .bool(false))
            .with("allowSiteSettingsEdits", .bool(!instance.hasSiteConfigFile))
            .with("autoUpgradeEnabled", .bool(instance.autoUpgradeEnabled))
            .resolving("viewerCanAdminister") { _, _ in .bool(isSiteAdmin) }
            .resolving("latestSettings") { _, instance in
                instance.latestSettings.map { .object(Self.settings($0)) } ?? .null
            }
            .resolving("updateCheck") { _, _ in
                try requireSiteAdmin()
                return .object(
                    GraphQLObject("UpdateCheck").with("pending", .bool(false)).with("checkedAt", .null)
                        .with("errorMessage", .null).with("updateVersionAvailable", .null))
            }
        site = addHealth(to: addAccounts(to: site))
        return site.resolving("configuration") { _, instance in
            try requireSiteAdmin()
            return .object(configuration(instance))
        }
    }

    private func configuration(_ instance: FakeInstance) -> GraphQLObject {
        let configuration = instance.siteConfiguration
        // Older releases show all; which was the first that does not is not known.
        let contents =
            api < SourcegraphVersion(4, 0)
            ? configuration.contents : configuration.contents.replacing(configuration.secret, with: "REDACTED")
        return GraphQLObject("SiteConfiguration")
            .with("id", .int(api < Self.firstWithConfigurationID ? 0 : configuration.id))
            .with("effectiveContents", .text(contents))
            .with("validationMessages", .texts(configuration.validationMessages))
    }

    /// Before it the site configuration had no id that was held against anything.
    package static let firstWithConfigurationID = SourcegraphVersion(4, 1)

    private func addAccounts(to site: GraphQLObject) -> GraphQLObject {
        site
            .resolving("authProviders") { _, instance in
                let providers = sorted(instance.authProviders).map { GraphQLValue.object(provider($0)) }
                return .object(
                    GraphQLObject("AuthProviderConnection").with("nodes", .list(providers))
                        .with("totalCount", .int(providers.count)).with("pageInfo", pageInfo(nil)))
            }
            .resolving("accessTokens") { arguments, instance in
                try requireSiteAdmin()
                let tokens = instance.accessTokens.map { token in
                    GraphQLObject("AccessToken").with("id", .text(Self.id("AccessToken", token.id)))
                        .with("note", .text(token.note)).with("scopes", .texts(token.scopes))
                }
                let page = tokens.prefix(arguments["first"]?.integer.map { Int($0) } ?? tokens.count)
                return .object(
                    count("AccessTokenConnection", tokens.count).with("nodes", .list(page.map { .object($0) })))
            }
            .resolving("externalAccounts") { _, instance in
                try requireSiteAdmin()
                return .object(count("ExternalAccountConnection", instance.counts["externalAccounts"] ?? 0))
            }
    }

    /// From 5.1 by order, `builtin` first, then by type and id; before that in whatever order they come.
    private func sorted(_ providers: [FakeInstance.AuthProvider]) -> [FakeInstance.AuthProvider] {
        guard api >= SourcegraphVersion(5, 1) else { return providers }
        return providers.sorted { left, right in
            if left.order != right.order { return left.order < right.order }
            if (left.type == "builtin") != (right.type == "builtin") { return left.type == "builtin" }
            return (left.type, left.serviceID) < (right.type, right.serviceID)
        }
    }

    private func provider(_ provider: FakeInstance.AuthProvider) -> GraphQLObject {
        GraphQLObject("AuthProvider")
            .with("serviceType", .text(provider.type)).with("serviceID", .text(provider.serviceID))
            .with("clientID", .text(provider.clientID)).with("displayName", .text(provider.displayName))
            .with("isBuiltin", .bool(provider.type == "builtin"))
            .with(
                "authenticationURL", .text(provider.type == "builtin" ? nil : "/.auth/\(provider.type)/login?pc=x"))
    }

    private func addHealth(to site: GraphQLObject) -> GraphQLObject {
        site
            .resolving("alerts") { _, instance in
                .list(
                    instance.alerts.filter { isSiteAdmin || !$0.isForAdmins }.map { alert in
                        .object(
                            GraphQLObject("Alert").with("type", .text(alert.type))
                                .with("message", .text(alert.message)).with("isDismissibleWithKey", .text(alert.key)))
                    })
            }
            .resolving("monitoringStatistics") { _, _ in
                try requireSiteAdmin()
                return .object(GraphQLObject("MonitoringStatistics").with("alerts", .list([])))
            }
            .resolving("upgradeReadiness") { _, _ in
                try requireSiteAdmin()
                return .object(upgradeReadiness)
            }
    }

    private var upgradeReadiness: GraphQLObject {
        GraphQLObject("UpgradeReadiness")
            .resolving("schemaDrift") { _, instance in
                guard api >= SourcegraphVersion(5, 1) else { return .text(instance.schemaDriftText) }
                return .list(
                    instance.schemaDrift.map { drift in
                        .object(
                            GraphQLObject("SchemaDriftSummary").with("name", .text(drift.name))
                                .with("problem", .text(drift.problem)).with("solution", .text(drift.solution))
                                .with("diff", .null).with("statements", .texts(drift.statements))
                                .with("urlHint", .null))
                    })
            }
            .resolving("requiredOutOfBandMigrations") { _, instance in
                .list(instance.migrations.filter { $0.isRequired }.map { .object(migration($0)) })
            }
    }
}
