/// One command of the migrator by itself, with the image and the environment that the instance has for it: `mi-migrate
/// drift`, `out-of-band`.
package struct RunMigrator: Sendable {
    /// The instance.
    package var instance: any InstanceController
    /// That of the migration, where there is one: nobody else works on it meanwhile.
    package var journal: MigrationJournal
    /// The databases that the instance has.
    package var databases = Database.allCases
    /// The release that the databases are of; nil: that which the instance is set up to run.
    package var release: SourcegraphVersion?

    /// Names instance and journal; see the properties.
    package init(instance: any InstanceController, journal: MigrationJournal) {
        (self.instance, self.journal) = (instance, journal)
    }

    /// Compares the schema of each database with that of its release. Changes nothing.
    ///
    /// - Returns: A finding for each database.
    /// - Throws: ``MigrationError`` if the migrator cannot compare them.
    package func drift() async throws -> [Finding] {
        let (image, release) = try await releases()
        var findings: [Finding] = []
        for database in databases {
            let command = MigratorCommand.drift(.up(image, of: databases), of: database, at: release)
            let job = MigrationJournal.newJobName(JournaledStep(.upgrade, detail: command.name))
            let run = try await instance.migrate(command, job: job)
            var finding = Finding(
                database.importedName, in: "schema", .pass, "The schema is that of Sourcegraph \(release).")
            if run.status != 0 {
                let failure = MigratorFailure(run, of: command, on: instance)
                guard failure.kind == .drift else { throw failure.error(of: run) }
                finding = Finding(
                    database.importedName, in: "schema", .fail, "The schema is not that of Sourcegraph \(release).",
                    details: failure.details,
                    remedy: "Review the differences. If they are harmless: "
                        + "mi-migrate upgrade --skip-drift-check='REASON'.")
            }
            findings.append(finding)
        }
        return findings
    }

    /// Finishes out-of-band migrations, and waits for their end.
    ///
    /// - Parameter ids: Which.
    /// - Returns: What was done.
    package func finishOutOfBandMigrations(_ ids: [Int], takingOver: Bool = false) async throws -> String {
        let image = try await releases().image
        let command = MigratorCommand.runOutOfBandMigrations(ids, with: .up(image, of: databases))
        return try await journal.working(takingOver: takingOver) {
            // Not a part of the upgrade: that would look as if it had begun.
            let job = MigrationJournal.newJobName(JournaledStep(.upgrade, detail: command.name))
            let run = try await instance.migrate(command, job: job)
            guard run.status == 0 else { throw MigratorFailure(run, of: command, on: instance).error(of: run) }
            return "finished out-of-band migrations \(ids.map(String.init).joined(separator: ", "))"
        }
    }

    /// The migrator's own, and that of the databases.
    private func releases() async throws -> (image: SourcegraphVersion, databases: SourcegraphVersion) {
        let configuration = try await instance.configuration()
        guard let image = configuration.migrator.flatMap({ SourcegraphVersion($0) }) else {
            throw MigrationError(
                .unmetRequirement, "The release of the migrator on \(instance.name) is unknown.",
                next: "Give its image a tag with a release in docker-compose.yaml.")
        }
        return (image, release ?? configuration.release.flatMap { SourcegraphVersion($0) } ?? image)
    }
}

extension MigratorFailure {
    init(_ run: MigratorRun, of command: MigratorCommand, on instance: any InstanceController) {
        self.init(run.lastLines, of: command, status: run.status)
    }

    /// The failure as an error that says where all of the output is.
    func error(of run: MigratorRun) -> MigrationError {
        var error = error
        error.details.append("full output: \(run.place)")
        return error
    }
}
