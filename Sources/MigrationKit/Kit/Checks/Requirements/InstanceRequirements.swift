/// What has to hold of an instance before its databases are moved.
struct InstanceRequirements {
    let client: SourcegraphClient

    private static let place = "instance"
    /// Tokens are dated: Google refuses those of a clock that is off by more.
    private static let allowedSkew = Duration.seconds(300)
    private static let noticedSkew = Duration.seconds(30)

    init(_ client: SourcegraphClient) { self.client = client }

    /// Looks at all of them; of one that cannot be asked no more than that.
    ///
    /// - Returns: What was found, and the instance if it has answered.
    /// - Throws: `CancellationError` alone.
    func look() async throws -> (findings: [Finding], instance: SourcegraphInstance?) {
        let instance: SourcegraphInstance
        do {
            instance = try await SourcegraphInstance(client)
        } catch let error as MigrationError {
            try Task.checkCancellation()
            return ([Finding("reachable", in: Self.place, error)], nil)
        }
        let version = instance.productVersion.printable
        let reachable = Finding(
            "reachable", in: Self.place, .pass, "\(client.access.name) is Sourcegraph \(version).")
        let others = try await [encryption(instance), clock()]
        return ([reachable, siteAdmin(instance), self.version(instance)] + others, instance)
    }

    private func siteAdmin(_ instance: SourcegraphInstance) -> Finding {
        do {
            try instance.requireSiteAdmin()
        } catch {
            return (error as? MigrationError).map { Finding("site-admin", in: Self.place, $0) }
                ?? Finding("site-admin", in: Self.place, .fail, "\(error)")
        }
        return Finding(
            "site-admin", in: Self.place, .pass,
            "The access token is that of \(instance.user?.username.printable ?? "a site admin"), a site admin.")
    }

    private func version(_ instance: SourcegraphInstance) -> Finding {
        guard let version = instance.version else {
            return Finding(
                "version", in: Self.place, .warn,
                "`\(instance.productVersion.printable)` is not a release, so it is not known whether it is "
                    + "\(SourcegraphVersion.oldest) or later.",
                remedy: "Upgrade the instance to a release first.")
        }
        guard version >= .oldest else {
            return Finding(
                "version", in: Self.place, .fail,
                "Sourcegraph \(version) is too old: \(SourcegraphVersion.oldest) or later is required.",
                remedy: "Upgrade the instance first, one minor release at a time.")
        }
        return Finding(
            "version", in: Self.place, .pass,
            "Sourcegraph \(version); \(SourcegraphVersion.oldest) or later is required."
        )
    }

    /// Keys in the site configuration: what is written from now on is encrypted with them, and nobody else can read it.
    private func encryption(_ instance: SourcegraphInstance) async throws -> Finding {
        struct Answer: Decodable, Sendable {
            var site: Site
            struct Site: Decodable { var configuration: Configuration }
            struct Configuration: Decodable { var effectiveContents: String }
        }
        let name = "encryption-keys"
        var query = GraphQLQuery("SiteConfiguration", "", "site { configuration { effectiveContents } }")
        // Releases before redaction was invented give every secret that is in it.
        query.isConfidential = true
        do {
            let contents = try await instance.ask(query, as: Answer.self, "The site configuration").site.configuration
                .effectiveContents
            guard let configuration = try? SettingsText(contents) else {
                return Finding(
                    name, in: Self.place, .warn,
                    "The site configuration is not valid JSON, even with comments allowed.",
                    remedy: "Check by hand that it has no `encryption.keys` (Site admin, Site configuration).")
            }
            let keys = configuration.value["encryption.keys"] ?? .null
            guard keys != .null, keys != [:] else {
                return Finding(name, in: Self.place, .pass, "The site configuration has no `encryption.keys`.")
            }
            return Finding(
                name, in: Self.place, .fail,
                "The site configuration has `encryption.keys`: secrets in the databases are encrypted with keys that "
                    + "are not part of the migration.", remedy: Self.decryption)
        } catch let error as MigrationError {
            try Task.checkCancellation()
            return Finding(name, in: Self.place, error)
        }
    }

    /// Source: Sourcegraph's documentation, "On-disk database encryption".
    static let decryption =
        "Set ALLOW_DECRYPTION=true on frontend and worker, wait until the worker's record-encrypter has "
        + "decrypted all rows, then remove `encryption.keys` from the site configuration."

    private func clock() async throws -> Finding {
        do {
            guard let skew = try await client.clockSkew() else {
                return Finding("clock", in: Self.place, .warn, "The instance does not report its time.")
            }
            let size = skew < .zero ? .zero - skew : skew
            // The header has whole seconds.
            if size < .seconds(2) {
                return Finding("clock", in: Self.place, .pass, "This machine's clock and the instance's agree.")
            }
            let verdict: Finding.Verdict = size > Self.allowedSkew ? .fail : size > Self.noticedSkew ? .warn : .pass
            return Finding(
                "clock", in: Self.place, verdict,
                "This machine's clock is \(Quantity.duration(size)) \(skew > .zero ? "ahead of" : "behind") the "
                    + "instance's.",
                remedy: verdict == .pass
                    ? nil
                    : "Synchronize the clock with NTP: access tokens for the bucket depend on it.")
        } catch let error as MigrationError {
            try Task.checkCancellation()
            return Finding("clock", in: Self.place, error)
        }
    }
}
