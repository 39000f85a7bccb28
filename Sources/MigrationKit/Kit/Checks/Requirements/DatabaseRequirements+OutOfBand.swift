extension DatabaseRequirements {
    /// Whether the migrations that run beside the instance have come to their end.
    ///
    /// The code of one is gone from the release that deprecates it. An upgrade to that release or beyond stops if it is
    /// unfinished; where the instance began with that release or a later one there was never anything to migrate.
    func outOfBandMigrations(
        _ tables: BookkeepingTables, version: SourcegraphVersion?, first: SourcegraphVersion?
    ) async throws -> [Finding] {
        try await checking("out-of-band-migrations") {
            guard let table = tables["out_of_band_migrations"] else { return [missing(in: version)] }
            guard table.isOpen else { return [unreadable("out-of-band-migrations", [table])] }
            let errors = tables["out_of_band_migrations_errors"].flatMap { $0.isOpen ? $0 : nil }
            let count = errors.map { "(SELECT count(*) FROM \($0.quoted) AS e WHERE e.migration_id = o.id)" } ?? "0"
            let sql = """
                SELECT coalesce(json_agg(to_jsonb(o) - 'metadata' || jsonb_build_object('errors', \(count)) ORDER BY o.id),
                    '[]'::json)
                FROM (SELECT * FROM \(table.quoted) AS u WHERE u.progress < 1 OR u.apply_reverse ORDER BY u.id LIMIT 200) AS o
                """
            let all: [StoredMigration] = try await questions.answer(to: sql, "Reading the out-of-band migrations")
            return judge(all.filter { $0.concerns(version, first: first) }, version)
        }
    }

    private func judge(_ unfinished: [StoredMigration], _ version: SourcegraphVersion?) -> [Finding] {
        let overdue = unfinished.filter { $0.isOverdue(in: version) }
        let running = unfinished.filter { !$0.isOverdue(in: version) }
        var found: [Finding] = []
        if !overdue.isEmpty {
            found.append(
                finding(
                    "out-of-band-migrations", .fail,
                    "Unfinished migrations, whose code this release no longer has, would stop an upgrade: "
                        + NamedObjects.list(overdue.map(\.label)) + ".",
                    remedy: "Finish them with Sourcegraph's migrator: run-out-of-band-migrations"
                        + overdue.prefix(NamedObjects.limit).map { " --id=\($0.id)" }.joined() + "."))
        }
        if !running.isEmpty {
            found.append(
                finding(
                    "out-of-band-migrations", .warn,
                    "Migrations are unfinished: \(NamedObjects.list(running.map(\.label))).",
                    remedy: "Wait until they are at 100 % (Site admin, Maintenance, Migrations). Otherwise the upgrade "
                        + "must finish them."))
        }
        return found.isEmpty
            ? [finding("out-of-band-migrations", .pass, "All out-of-band migrations are finished.")] : found
    }

    /// Sourcegraph has out-of-band migrations since 3.25.
    private func missing(in version: SourcegraphVersion?) -> Finding {
        if let version, version < SourcegraphVersion(3, 25) {
            return finding("out-of-band-migrations", .pass, "Sourcegraph \(version) has no out-of-band migrations.")
        }
        return finding(
            "out-of-band-migrations", .warn, "The table of out-of-band migrations is missing.",
            remedy: "Check that the target is Sourcegraph's primary database.")
    }
}

/// A row of `out_of_band_migrations`, of either shape: versions are text up to 3.28 and two numbers after that.
struct StoredMigration: Decodable, Sendable {
    var id: Int
    var component: String
    var progress: Double
    var applyReverse: Bool
    var errors: Int
    var introduced: String?
    var deprecated: String?
    var introducedVersionMajor: Int?
    var introducedVersionMinor: Int?
    var deprecatedVersionMajor: Int?
    var deprecatedVersionMinor: Int?

    /// One that a dump tells of.
    init(_ state: OutOfBandState) {
        (id, component, progress, applyReverse, errors) = (
            state.id, state.component, state.progress, state.appliesReverse, 0
        )
        (introduced, deprecated) = (state.introduced, state.deprecated)
    }

    var introduction: SourcegraphVersion? {
        Self.version(introduced, introducedVersionMajor, introducedVersionMinor)
    }
    var deprecation: SourcegraphVersion? {
        Self.version(deprecated, deprecatedVersionMajor, deprecatedVersionMinor)
    }

    private static func version(_ text: String?, _ major: Int?, _ minor: Int?) -> SourcegraphVersion? {
        if let major, let minor { return SourcegraphVersion(major, minor) }
        return text.flatMap { SourcegraphVersion($0)?.release }
    }

    /// Whether it has anything to do in an instance of a release that began with `first`.
    func concerns(_ version: SourcegraphVersion?, first: SourcegraphVersion?) -> Bool {
        if let first, let deprecation, deprecation <= first.release { return false }
        if let version, let introduction, introduction > version.release { return false }
        return true
    }

    /// Whether the code of it is gone from a release already: an upgrade would stop.
    func isOverdue(in version: SourcegraphVersion?) -> Bool {
        guard let version, let deprecation else { return false }
        return deprecation <= version.release
    }

    /// `21 contexts at 63 %, with 2 errors`.
    var label: String {
        let percent = Quantity.percent(progress)
        let direction = applyReverse ? ", running in reverse" : ""
        let faults = errors == 0 ? "" : ", with \(errors) \(errors == 1 ? "error" : "errors")"
        return "\(id) \(component.printable) at \(percent) %\(direction)\(faults)"
    }
}

extension SourcegraphVersion {
    /// Migrations go by releases; the patch does not count.
    fileprivate var release: SourcegraphVersion { SourcegraphVersion(major, minor) }
}
