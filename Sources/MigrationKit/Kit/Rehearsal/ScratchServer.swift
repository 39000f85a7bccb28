import MigrationKitCLibrary
internal import SystemPackage

/// A PostgreSQL of its own in a temporary folder, with the roles of a Cloud SQL instance: nothing but a socket in that
/// folder leads to it, and nothing of it is left when it is not needed any more.
struct ScratchServer: Sendable {
    /// Its programs.
    let programs: PostgresPrograms
    /// All that there is of it.
    let folder: FilePath
    /// How it sorts text.
    let collation: ScratchCollation
    private let password: Secret

    /// What it is called in messages.
    static let name = "the scratch server"

    /// Runs `body` while a new server is there.
    ///
    /// - Throws: ``MigrationError`` with the last lines of the server's log if it does not start; what `body` throws. In
    ///   every case the server is gone then, and its folder with it.
    static func with<Value: Sendable>(
        _ programs: PostgresPrograms, in place: ScratchPlace, onEvent: MigrationEventHandler,
        _ body: (ScratchServer) async throws -> Value
    ) async throws -> Value {
        let password = Secret((0..<2).map { _ in String(UInt64.random(in: .min ... .max), radix: 36) }.joined())
        let guardian = try ServerGuardian(programs, in: place, password: password)
        var folder: FilePath?
        let result: Result<Value, any Error>
        do {
            let started = try await guardian.start()
            folder = started.folder
            let server = ScratchServer(
                programs: programs, folder: started.folder, collation: started.collation, password: password)
            try await CloudSQLRoles.make(on: server)
            result = .success(try await body(server))
        } catch {
            result = .failure(error)
        }
        let outcome = await guardian.end()
        if let folder, FileIdentity(path: folder) != nil {
            onEvent(
                .warning(
                    .init(
                        .folderLeft, "\(folder) could not be removed. It contains the customer's data: remove it.",
                        ["path": .init("\(folder)")])))
        }
        if case .failure(is ServerGuardian.NotStarted) = result {
            try Task.checkCancellation()
            throw notStarted(programs, place, outcome)
        }
        return try result.get()
    }

    private static func notStarted(
        _ programs: PostgresPrograms, _ place: ScratchPlace, _ outcome: CommandOutcome?
    ) -> MigrationError {
        let asRoot =
            geteuid() == 0
            ? " A server cannot run as root, so it runs as postgres or nobody, which needs access to \(place.folder)."
            : ""
        return MigrationError(
            .failed, "PostgreSQL \(programs.major) from \(programs.folder) did not start in \(place.folder).",
            next:
                "Fix the cause, or choose another folder with --scratch or other programs with --postgres-bin.\(asRoot)",
            details: outcome?.lastLines ?? [])
    }

    /// The server, for a role.
    func uri(as role: String) throws -> PostgresURI {
        var uri = try PostgresURI("postgres:///postgres")
        uri.host = folder.string
        uri.port = 5432
        uri.user = role
        uri.password = password
        uri.name = Self.name
        uri.programs = programs.folder
        // What the environment asks of connections to other servers, a socket does not have.
        uri.inheritsSettings = false
        return uri
    }
}
