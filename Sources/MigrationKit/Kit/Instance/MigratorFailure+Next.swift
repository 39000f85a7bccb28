extension MigratorFailure {
    /// What to do next.
    package var next: String {
        switch kind {
        case .dirtyDatabase:
            "The databases are between two releases. Restore them with `mi-migrate restore`, then run "
                + "`mi-migrate upgrade` again."
        case .drift:
            "Review the differences: `mi-migrate drift\(command.source.map { " --release=\($0)" } ?? "")` shows those of "
                + "each database. If they are harmless, run `mi-migrate upgrade --skip-drift-check='reason'`."
        case .unfinishedOutOfBandMigrations:
            "Finish them with `mi-migrate out-of-band \(numbers)`, "
                + "then run `mi-migrate upgrade` again."
        case .unknownTag:
            "\(command.image) does not know that release. Use a newer one: `mi-migrate upgrade --migrator=VERSION`."
        case .newerMigratorAvailable:
            "Use the newer one: `mi-migrate upgrade --migrator=\(quoted("(", ")").first ?? "VERSION")`."
        case .versionAssertion: nextOfVersion
        case .invalidRange: "Check the two releases: the target must be a release, and newer than the source."
        case .postgresTooOld:
            "Import into a server of PostgreSQL \(oldestPostgres) or newer, or choose an older release as the target."
        case .notAllowed:
            "`up` upgrades only to the next minor release, and the databases are not of the release that the upgrade was "
                + "planned from. Restore them with `mi-migrate restore`, then run `mi-migrate upgrade` again: it goes "
                + "through the releases in between."
        case .privileged:
            "The migrator's role must own the databases and everything in them, and be allowed to create extensions: on "
                + "Cloud SQL, a member of cloudsqlsuperuser. Then run `mi-migrate upgrade` again."
        case .outOfDate: "Not all migrations of \(command.version) are done. Run `mi-migrate upgrade` again."
        case .cannotConnect:
            "Check that the migrator's machine can reach the databases, and with which role and password. Then run "
                + "`mi-migrate upgrade` again."
        case .contention:
            "A migrator that an instance starts on these databases, or that somebody has started by hand, holds their lock. "
                + "Wait for its end, or stop it: `mi-migrate freeze` stops the instance's. Then run `mi-migrate upgrade` again."
        case .imageRefused:
            docker(.imageRefused)
        case .registryUnreachable:
            docker(.registryUnreachable)
        case .noDocker:
            docker(.noDaemon)
        case .killed:
            "Find out what ended it: on the instance's machine, `sudo dmesg | grep -i 'out of memory'` shows whether "
                + "memory ran out. Then run `mi-migrate upgrade` again: it resumes where it stopped."
        case .other:
            "Run `mi-migrate upgrade` again. If it stops at the same place, restore the databases with "
                + "`mi-migrate restore`."
        }
    }

    /// Of the migrations that have not finished, as options.
    private var numbers: String {
        unfinished.isEmpty ? "--id=NUMBER" : unfinished.map { "--id=\($0)" }.joined(separator: " ")
    }

    private func docker(_ kind: DockerFailure.Kind) -> String {
        DockerFailure.next(kind, pulling: "docker pull index.docker.io/\(command.image)")
    }

    private var nextOfVersion: String {
        guard let names = assertedReleases else {
            return
                "The database does not say which release it is. Check the row of `frontend` in its table versions."
        }
        return
            "The databases say that they are of \(names.stored), but the upgrade is from \(names.given): somebody else has "
            + "changed them. Restore them with `mi-migrate restore`, then run `mi-migrate upgrade` again."
    }

    /// The release that the databases say they are of, where the migrator was told another one.
    package var storedRelease: SourcegraphVersion? {
        kind == .versionAssertion ? (assertedReleases?.stored).flatMap { SourcegraphVersion($0) } : nil
    }

    private var assertedReleases: (stored: String, given: String)? {
        let names = quoted("\"", "\"")
        guard names.count >= 2, sentence.contains("!= \"") else { return nil }
        return (names[0], names[1])
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

    private var oldestPostgres: Int {
        sentence.firstMatch(of: /PostgreSQL ([0-9]{1,3})\+/).flatMap { Int($0.1) }
            ?? SourcegraphReleases.oldestPostgres(for: command.version)
    }
}
