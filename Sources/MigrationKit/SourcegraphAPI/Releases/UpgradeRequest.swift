/// From what to what somebody wants to come, in the words that were given; and whether that can be.
struct UpgradeRequest {
    let from: String
    let to: String

    /// Far too long for a release, and short enough for a sentence.
    private static let shownLength = 60

    private static func shown(_ text: String) -> String {
        let cut = String(decoding: text.utf8.prefix(shownLength), as: UTF8.self)
        return "`" + cut.printable + (text.utf8.count > shownLength ? "…" : "") + "`"
    }

    private func refusal(_ code: MigrationError.Code, _ reason: String, next: String) -> MigrationError {
        MigrationError(
            code, "Sourcegraph \(Self.shown(from)) cannot be upgraded to \(Self.shown(to)): \(reason).", next: next)
    }

    func source() throws -> SourcegraphVersion {
        do { return try ReleaseName(from).version } catch {
            throw refusal(error.code, "\(Self.shown(from)) \(error.reason)", next: error.nextForSource)
        }
    }

    func target() throws -> SourcegraphVersion { try chosen(to) }

    /// The release whose image shall do the `upgrade`.
    func migrator(_ text: String, for target: SourcegraphVersion) throws -> SourcegraphVersion {
        let version = try chosen(text)
        guard version >= target else {
            throw refusal(
                .usage, "the migrator \(version) is older than the target and does not know its schema",
                next: "Use a migrator of \(target) or newer, or remove --migrator to use that of \(target).")
        }
        return version
    }

    private func chosen(_ text: String) throws -> SourcegraphVersion {
        do { return try ReleaseName(text).version } catch {
            throw refusal(error.code, "\(Self.shown(text)) \(error.reason)", next: error.nextForChoice)
        }
    }

    /// What every way needs. An older patch is a downgrade, too: patches bring migrations of the schema, and the image of an
    /// older one neither knows them nor takes them back.
    func require(source: SourcegraphVersion, target: SourcegraphVersion, postgresMajor: Int?) throws {
        guard target >= source else {
            throw refusal(
                .unmetRequirement, "\(target) is older than \(source), and migrations cannot be undone",
                next: "Choose \(source) or a newer release.")
        }
        guard target >= .hasMigrator else {
            throw refusal(
                .unmetRequirement,
                "there is no migrator image for \(target), only since \(SourcegraphVersion.hasMigrator)",
                next: "Choose \(SourcegraphVersion.hasUpgrade) or a newer release.")
        }
        try requirePostgres(postgresMajor, for: target, "Sourcegraph \(target)")
    }

    /// What `upgrade` needs of its image.
    func requireUpgrade(
        _ image: SourcegraphVersion, isChosen: Bool, target: SourcegraphVersion, postgresMajor: Int?
    ) throws {
        guard image >= .hasUpgrade else {
            throw refusal(
                .unmetRequirement,
                "an upgrade across several minor releases needs the migrator's `upgrade`, which \(image) does not have",
                next: "Use a newer migrator, 4.0.0 or later: --migrator=4.5.1.")
        }
        if isChosen { try requirePostgres(postgresMajor, for: image, "the migrator \(image)") }
    }

    private func requirePostgres(_ major: Int?, for version: SourcegraphVersion, _ name: String) throws {
        let oldest = SourcegraphReleases.oldestPostgres(for: version)
        guard let major, major < oldest else { return }
        throw refusal(
            .unmetRequirement, "\(name) needs PostgreSQL \(oldest) or newer, but the databases are in \(major)",
            next: "Import into a server of PostgreSQL \(oldest) or newer"
                + (version >= .needsPostgres16 ? ", or choose one before \(SourcegraphVersion.needsPostgres16)." : "."))
    }
}
