extension MigratorFailure {
    /// What to do next.
    public var next: String {
        switch kind {
        case .dirtyDatabase:
            "The databases are between two releases. Bring them back with `mi-migrate restore`, then run "
                + "`mi-migrate upgrade` again."
        case .drift:
            "Look at the differences: the migrator shows them with `drift --db=frontend`, codeintel, codeinsights. If they "
                + "do no harm, or come from an `upgrade` that was stopped, run "
                + "`mi-migrate upgrade --skip-drift-check='reason'`."
        case .unfinishedOutOfBandMigrations:
            "Let them finish, then run `mi-migrate upgrade` again: start the source's release and wait until they are at "
                + "100 %, or have the migrator do it: `run-out-of-band-migrations\(flags(for: unfinished))`."
        case .unknownTag:
            "\(command.image) does not know that release. Name a newer one: `mi-migrate upgrade --migrator=VERSION`."
        case .newerMigratorAvailable:
            "Name the newer one: `mi-migrate upgrade --migrator=\(quoted("(", ")").first ?? "VERSION")`."
        case .versionAssertion: nextOfVersion
        case .invalidRange: "Look at the two releases: the target has to be a release, and newer than the source."
        case .postgresTooOld:
            "Import into a server of PostgreSQL \(oldestPostgres) or newer, or choose an older release as the target."
        case .notAllowed:
            "`up` goes to the next minor release and no further. Name the release that the databases are of as the source; "
                + "`mi-migrate upgrade` goes through those between."
        case .privileged:
            "The migrator's role has to own the databases, with all that is in them, and be allowed to make extensions: on "
                + "Cloud SQL, a member of cloudsqlsuperuser. Then run `mi-migrate upgrade` again."
        case .outOfDate: "Not all migrations of \(command.version) are done. Run `mi-migrate upgrade` again."
        case .cannotConnect:
            "Look whether the databases can be reached from where the migrator runs, and with what role and password. "
                + "Then run `mi-migrate upgrade` again."
        case .other:
            "Run `mi-migrate upgrade` again. If it stops at the same place, bring the databases back with "
                + "`mi-migrate restore`."
        }
    }

    private var nextOfVersion: String {
        let names = quoted("\"", "\"")
        guard let stored = names.first, let given = names.dropFirst().first, sentence.contains("!= \"") else {
            return
                "The database does not say of which release it is. Look at the row of `frontend` in its table versions."
        }
        return
            "The database says that it is of \(stored), and \(given) was given. Name \(stored) as the source. If it is the "
            + "target, `upgrade` has gone through, and only `up` is left to do."
    }

    /// What stands between two signs in the sentence, for the first few times; only what may be a version or a tag.
    private func quoted(_ opening: Character, _ closing: Character) -> [String] {
        var found: [String] = []
        var rest = sentence[...]
        while found.count < 4, let start = rest.firstIndex(of: opening) {
            rest = rest[rest.index(after: start)...]
            guard let end = rest.firstIndex(of: closing) else { break }
            found.append(String(rest[..<end]))
            rest = rest[rest.index(after: end)...]
        }
        return found.filter { $0.wholeMatch(of: /[0-9A-Za-z.+_-]{1,40}/) != nil }
    }

    /// The numbers of the migrations that are not where they have to be.
    private var unfinished: [Int] {
        ([sentence] + details).flatMap { line in
            line.matches(of: /migration ([0-9]{1,6}) expected/).compactMap { Int($0.1) }
        }
    }

    private func flags(for ids: [Int]) -> String { ids.map { " --id=\($0)" }.joined() }

    private var oldestPostgres: Int {
        sentence.firstMatch(of: /PostgreSQL ([0-9]{1,3})\+/).flatMap { Int($0.1) }
            ?? SourcegraphReleases.oldestPostgres(for: command.version)
    }
}
