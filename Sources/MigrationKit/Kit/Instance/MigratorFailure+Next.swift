extension MigratorFailure {
    /// What to do next.
    package var next: String {
        switch kind {
        case .dirtyDatabase:
            "The databases are between two releases. Restore them with `mi-migrate restore`, then run "
                + "`mi-migrate upgrade` again."
        case .drift:
            "Review the differences: the migrator shows them with `drift --db=frontend`, codeintel, codeinsights. If they "
                + "are harmless, or come from an interrupted `upgrade`, run "
                + "`mi-migrate upgrade --skip-drift-check='reason'`."
        case .unfinishedOutOfBandMigrations:
            "Let them finish, then run `mi-migrate upgrade` again: start the source's release and wait until they are at "
                + "100 %, or run the migrator: `run-out-of-band-migrations\(flags(for: unfinished))`."
        case .unknownTag:
            "\(command.image) does not know that release. Use a newer one: `mi-migrate upgrade --migrator=VERSION`."
        case .newerMigratorAvailable:
            "Use the newer one: `mi-migrate upgrade --migrator=\(quoted("(", ")").first ?? "VERSION")`."
        case .versionAssertion: nextOfVersion
        case .invalidRange: "Check the two releases: the target must be a release, and newer than the source."
        case .postgresTooOld:
            "Import into a server of PostgreSQL \(oldestPostgres) or newer, or choose an older release as the target."
        case .notAllowed:
            "`up` upgrades only to the next minor release. Set the source to the release of the databases; "
                + "`mi-migrate upgrade` goes through the releases in between."
        case .privileged:
            "The migrator's role must own the databases and everything in them, and be allowed to create extensions: on "
                + "Cloud SQL, a member of cloudsqlsuperuser. Then run `mi-migrate upgrade` again."
        case .outOfDate: "Not all migrations of \(command.version) are done. Run `mi-migrate upgrade` again."
        case .cannotConnect:
            "Check that the migrator's machine can reach the databases, and with which role and password. Then run "
                + "`mi-migrate upgrade` again."
        case .other:
            "Run `mi-migrate upgrade` again. If it stops at the same place, restore the databases with "
                + "`mi-migrate restore`."
        }
    }

    private var nextOfVersion: String {
        let names = quoted("\"", "\"")
        guard let stored = names.first, let given = names.dropFirst().first, sentence.contains("!= \"") else {
            return
                "The database does not say which release it is. Check the row of `frontend` in its table versions."
        }
        return
            "The database says that it is \(stored), but \(given) was given. Set the source to \(stored). If that is the "
            + "target, `upgrade` is done, and only `up` is left to do."
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
