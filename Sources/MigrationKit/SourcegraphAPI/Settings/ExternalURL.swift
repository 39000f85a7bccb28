internal import MigrationKitFoundation

/// The address that an instance takes for its own: `externalURL` in its site configuration. Links in mails, ways to log
/// in and webhooks are made of it. It comes with the databases, and is the customer's old one.
package struct ExternalURL {
    package let instance: SourcegraphInstance
    package let onEvent: MigrationEventHandler
    /// How long is waited at most before it is read again. An instance of several frontends tells all of them of a change
    /// within seconds.
    package var pause = Duration.seconds(1)

    package init(instance: SourcegraphInstance, onEvent: @escaping MigrationEventHandler, pause: Duration = .seconds(1))
    {
        self.instance = instance
        self.onEvent = onEvent
        self.pause = pause
    }

    private static let key = "externalURL"
    private static let attempts = 5
    private static let looks = 20

    /// What came of it.
    package struct Outcome: Sendable {
        /// What it was; nil: there was none.
        package var before: String?
        package var hasChanged = false
        /// Whether the instance says that a change holds only once it is restarted.
        package var needsRestart = false
    }

    /// Whether two addresses are the same, however they are written.
    static func isSame(_ left: String?, _ right: String) -> Bool {
        guard let left = left.flatMap({ URL(string: $0) }), let right = URL(string: right) else { return false }
        func parts(_ url: URL) -> [String?] {
            let path = url.path.hasSuffix("/") ? String(url.path.dropLast()) : url.path
            let standard = url.scheme?.lowercased() == "https" ? 443 : 80
            return [url.scheme?.lowercased(), url.plainHost?.lowercased(), "\(url.port ?? standard)", path]
        }
        return parts(left) == parts(right)
    }

    /// Sets it, unless it is that.
    ///
    /// - Throws: ``MigrationError`` if the site configuration cannot be read or edited, or holds another address
    ///   afterwards.
    package func set(_ address: String) async throws -> Outcome {
        var configuration = try await SiteConfiguration(of: instance)
        var outcome = Outcome(before: configuration.value[Self.key]?.text)
        for _ in 1...Self.attempts {
            if Self.isSame(configuration.value[Self.key]?.text, address) { return outcome }
            let before = configuration
            let change = try await before.write(
                try changed(before, address), orElse: remedy(address), of: instance)
            if case .taken(let needsRestart) = change {
                outcome.needsRestart = outcome.needsRestart || needsRestart
                configuration = try await readBack(before, address)
                guard Self.isSame(configuration.value[Self.key]?.text, address) else { continue }
                outcome.hasChanged = true
                checkOthers(before, configuration)
            } else {
                onEvent(
                    .notice(
                        .init(
                            .settingsConflict, "Somebody else is editing the site configuration; trying again.",
                            ["settings": "site"])))
                configuration = try await SiteConfiguration(of: instance)
            }
        }
        if Self.isSame(configuration.value[Self.key]?.text, address) { return outcome }
        throw MigrationError(
            .failed,
            "The site configuration of \(instance.client.access.name) keeps changing: \(Self.key) could not be set.",
            next: "Find out who is editing it, then run the same command again.")
    }

    /// What is about to replace the whole is read before it is sent.
    private func changed(_ configuration: SiteConfiguration, _ address: String) throws -> String {
        guard let text = configuration.text.setting(Self.key, to: address),
            let read = try? SettingsText(text).value, read[Self.key]?.text == address,
            others(read) == others(configuration.value)
        else {
            throw MigrationError(
                .failed,
                "\(Self.key) cannot be set in the site configuration of \(instance.client.access.name): it appears more "
                    + "than once, or is not a string.", next: remedy(address))
        }
        return text
    }

    private func remedy(_ address: String) -> String {
        "Set `\"\(Self.key)\": \"\(address)\"` in the site configuration by hand (in its file, and restart "
            + "sourcegraph-frontend, if it comes from one), then run the same command again."
    }

    private func readBack(_ before: SiteConfiguration, _ address: String) async throws -> SiteConfiguration {
        var found = try await SiteConfiguration(of: instance)
        var pauses = Pauses(upTo: pause)
        for _ in 1..<Self.looks where found.text.text == before.text.text {
            try await pauses.wait()
            found = try await SiteConfiguration(of: instance)
        }
        return found
    }

    private func checkOthers(_ before: SiteConfiguration, _ after: SiteConfiguration) {
        guard others(before.value) != others(after.value) else { return }
        onEvent(
            .warning(
                .init(
                    .settingsEditedByOthers,
                    "More than \(Self.key) has changed in the site configuration: somebody else edited it at the same "
                        + "time. See its history: Site admin, Site configuration.", ["settings": "site"])))
    }

    private func others(_ value: JSONValue) -> JSONValue {
        guard case .object(var members) = value else { return value }
        members[Self.key] = nil
        return .object(members)
    }
}
