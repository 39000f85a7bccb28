internal import MigrationKitFoundation

/// Makes an instance that runs on a customer's databases the instance that it is meant to be: its own address, and an
/// account for the customer's administrator.
///
/// Each part is done only where it is missing, and read back. A run that was stopped is repeated.
package struct InitializeInstance: Sendable {
    /// Asks the instance.
    package var client: SourcegraphClient
    /// The address that its users know; nil: that which it is asked at.
    package var externalURL: String?
    /// The customer's administrator; nil: no account is made.
    package var adminEmail: String?
    /// How long the instance may take until it answers.
    package var patience = Duration.seconds(600)
    /// Takes the link that the administrator sets a password with: for the operator's eyes alone, and once.
    package var onSecret: OperatorSecret.Handler
    /// Takes what happens.
    package var onEvent: MigrationEventHandler

    /// How long is waited before it is asked again.
    var pause = Duration.seconds(2)
    /// The account that an earlier run has begun to make.
    var begun: BegunAccount?
    /// Is told before an account is made, and when its link is handed over.
    var remember: @Sendable (BegunAccount) async throws -> Void = { _ in }

    /// An account whose link may have got lost with the run that made it.
    struct BegunAccount: Codable, Sendable, Equatable {
        var username: String
        var email: String
        var isHandedOver = false
    }

    /// Names an instance; see the properties.
    package init(
        client: SourcegraphClient, onSecret: @escaping OperatorSecret.Handler,
        onEvent: @escaping MigrationEventHandler = { _ in }
    ) {
        (self.client, self.onSecret, self.onEvent) = (client, onSecret, onEvent)
    }

    /// Does what is missing.
    ///
    /// - Returns: What was found and done, in a sentence without secrets.
    /// - Throws: ``MigrationError`` if the instance does not answer, the token is no site admin's, or something cannot be
    ///   done; all that was done until then stays.
    package func run() async throws -> String {
        let instance = try await waitForAdmin()
        var done = [try await address(instance)]
        if let adminEmail { done.append(try await account(adminEmail, instance)) }
        return done.joined(separator: "; ")
    }

    // MARK: Who asks

    /// Waits until the instance answers a site admin.
    private func waitForAdmin() async throws -> SourcegraphInstance {
        let deadline = ContinuousClock.now + patience
        var pauses = Pauses(upTo: pause)
        var isTold = false
        while true {
            do {
                let instance = try await SourcegraphInstance(client)
                try instance.requireSiteAdmin()
                return instance
            } catch var error as MigrationError {
                try Task.checkCancellation()
                if error.code == .unmetRequirement {
                    error.next = tokenAdvice
                    throw error
                }
                guard error.mayClear, .now < deadline else { throw error }
                if !isTold {
                    onEvent(
                        .notice(
                            .init(
                                .waitingForInstance,
                                "\(client.access.name) does not answer yet; waiting for "
                                    + "\(Quantity.duration(patience)) at most.",
                                ["instance": .init(client.access.name), "secondsLeft": .init(patience)])))
                }
                isTold = true
                try await pauses.wait()
            }
        }
    }

    /// The databases that were restored are the customer's, with users and tokens.
    private var tokenAdvice: String {
        """
        The users and tokens of \(client.access.name) are now the customer's, and those that it had before are gone. Set \
        SRC_ACCESS_TOKEN to a site admin's token of the customer's instance; or log in, have the account made a site \
        admin (in the primary database: UPDATE users SET site_admin = true WHERE username = 'NAME'), and make a token \
        there (Settings, Access tokens, scope user:all). Where nobody can log in, `{"type": "builtin"}` in \
        auth.providers of the site configuration lets accounts with passwords in.
        """
    }

    // MARK: Its address

    private func address(_ instance: SourcegraphInstance) async throws -> String {
        var address = client.access.endpoint.absoluteString
        if let externalURL {
            address = externalURL
        } else if client.access.endpoint.plainHost.map(HTTPProxySettings.isLoopback) ?? true {
            // A forwarded port is nobody's address.
            onEvent(
                .warning(
                    .init(
                        .externalURLUnchanged,
                        "externalURL is unchanged: \(client.access.name) is not an address that users can reach. Pass "
                            + "theirs with --external-url.", ["instance": .init(client.access.name)])))
            return "externalURL is unchanged"
        }
        let outcome = try await ExternalURL(instance: instance, onEvent: onEvent, pause: min(pause, .seconds(1)))
            .set(address)
        if outcome.needsRestart {
            onEvent(
                .warning(
                    .init(
                        .restartNeeded, "The new externalURL takes effect when the frontend is restarted.",
                        ["externalURL": .init(address)])))
        }
        guard outcome.hasChanged else { return "externalURL is \(address)" }
        return "externalURL is \(address), and was \(outcome.before?.printable ?? "not set")"
    }

    // MARK: The administrator

    private func account(_ email: String, _ instance: SourcegraphInstance) async throws -> String {
        let begun = begun.flatMap { $0.email == email ? $0 : nil }
        let found = try await instance.users(withEmail: email)
        if let user = found.first {
            let isOurs = begun?.username == user.username
            if isOurs, begun?.isHandedOver == false {
                // The link got lost with the run that made the account, which nobody has used without it.
                try await hand(try await instance.resetPassword(of: user), user.username, email)
            }
            if user.siteAdmin { return "\(user.username.printable) is a site admin" }
            guard isOurs || user.verification(of: email) == true, isOurs || found.count == 1 else {
                throw unproved(user, email)
            }
            try await promote(user, instance)
            return "\(user.username.printable) was made a site admin"
        }
        let name = InstanceUser.name(for: email)
        try await create(name, email, instance)
        guard let user = try await instance.user(named: name), user.verification(of: email) != nil else {
            throw MigrationError(
                .failed, "The account \(name) was created, but it does not exist.", next: "Run the same command again.")
        }
        if !user.siteAdmin { try await promote(user, instance) }
        return "\(name) was created for \(email), a site admin"
    }

    private func create(_ name: String, _ email: String, _ instance: SourcegraphInstance) async throws {
        if try await instance.user(named: name) != nil { throw taken(name, email) }
        try await remember(BegunAccount(username: name, email: email))
        do {
            try await hand(try await instance.createUser(name, email: email), name, email)
        } catch let errors as GraphQLErrors {
            let isTaken = errors.messages.contains { message in
                ["username_exists", "username-exists", "email_exists", "email-exists", "name_exists"].contains {
                    message.contains($0)
                }
            }
            throw isTaken ? taken(name, email) : errors.error("Creating the account \(name)")
        }
    }

    private func hand(_ link: Secret?, _ name: String, _ email: String) async throws {
        if let link {
            try onSecret(OperatorSecret(what: "\(name) (\(email)) sets a password, once, at", text: link))
        } else {
            onEvent(
                .warning(
                    .init(
                        .passwordLinkImpossible,
                        "No link for \(name.printable) to set a password: the instance has no accounts with "
                            + "passwords (`builtin` in auth.providers).", ["account": .init(name)])))
        }
        try await remember(BegunAccount(username: name, email: email, isHandedOver: true))
    }

    private func promote(_ user: InstanceUser, _ instance: SourcegraphInstance) async throws {
        try await instance.makeSiteAdmin(user)
        guard try await instance.user(named: user.username)?.siteAdmin == true else {
            throw MigrationError(
                .failed, "\(user.username.printable) was made a site admin, but it is not one.",
                next: "Run the same command again.")
        }
    }

    private func taken(_ name: String, _ email: String) -> MigrationError {
        MigrationError(
            .unmetRequirement,
            "\(client.access.name) has an account or an organization \(name), or an account with \(email), that is not the "
                + "administrator's.",
            next: "If the account is the administrator's, add \(email) to it as a site admin (Site admin, Users, "
                + "\(name), Emails) and have it verified; else create an account with that address by hand, under another "
                + "name. Then run the same command again, or omit --admin-email.")
    }

    private func unproved(_ user: InstanceUser, _ email: String) -> MigrationError {
        MigrationError(
            .unmetRequirement,
            "The account \(user.username.printable) has the address \(email), but nobody has verified that: anybody can "
                + "add any address to their own account.",
            next: "If it is the administrator's, make it a site admin, or its address verified, by hand (Site admin, "
                + "Users); else take the address out of it. Then run the same command again.")
    }
}
