import MigrationKitCLibrary
internal import MigrationKitFoundation
package import SystemPackage

/// The programs of a PostgreSQL server on this machine.
package struct PostgresPrograms: Sendable, Hashable {
    /// The folder that they are in.
    package let folder: FilePath
    /// Their major version.
    package let major: Int

    /// Which of a machine's servers is wanted.
    package enum Choice: Sendable, Hashable {
        /// The oldest that can take the dumps.
        case oldest
        /// One of this major version.
        case major(Int)
        /// The one whose programs are in this folder.
        case folder(FilePath)
    }

    private static let names = ["initdb", "pg_ctl", "postgres", "psql"]
    private static let patience = Duration.seconds(60)

    func path(of program: String) -> String { folder.appending(program).string }

    /// Looks for programs: in the folders of `PATH`, then where packages put them.
    ///
    /// - Parameters:
    ///   - choice: Which are wanted.
    ///   - dumped: The newest server that the dumps come from; an older one may not take them.
    /// - Throws: ``MigrationError`` that says what to install.
    static func find(_ choice: Choice, for dumped: Int?) async throws -> PostgresPrograms {
        if case .folder(let folder) = choice { return try await chosen(folder, for: dumped) }
        var found: [PostgresPrograms] = []
        var broken: [String] = []
        for folder in onPath + usual where missing(in: folder).isEmpty {
            do { found.append(try await PostgresPrograms(in: folder)) } catch let error as MigrationError {
                try Task.checkCancellation()
                broken.append(error.message)
            }
        }
        let needed = dumped ?? 0
        let fitting = found.filter { programs in
            if case .major(let major) = choice, programs.major != major { return false }
            return programs.major >= needed
        }
        // The first of several of one version: what is on PATH was put there by whoever runs this.
        if let oldest = fitting.map(\.major).min(), let first = fitting.first(where: { $0.major == oldest }) {
            return first
        }
        var error = notFound(choice, needed, found)
        error.details += broken
        throw error
    }

    private static func chosen(_ folder: FilePath, for dumped: Int?) async throws -> PostgresPrograms {
        let missing = missing(in: folder)
        guard missing.isEmpty else {
            throw MigrationError(
                .unmetRequirement,
                "\(folder) has no PostgreSQL server: \(missing.joined(separator: ", ")) not found.",
                next:
                    "Specify the folder of initdb and postgres with --postgres-bin, such as /usr/lib/postgresql/16/bin."
            )
        }
        // initdb looks for the others beside itself.
        let absolute = folder.isAbsolute ? folder : FilePath(FileManager.default.currentDirectoryPath).pushing(folder)
        let programs = try await PostgresPrograms(in: absolute)
        guard programs.major >= dumped ?? 0 else { throw notFound(.folder(folder), dumped ?? 0, [programs]) }
        return programs
    }

    private init(in folder: FilePath) async throws {
        self.folder = folder
        let initdb = folder.appending("initdb").string
        let (version, outcome) = try await Command(initdb, ["--version"]).collect(stallLimit: Self.patience)
        guard outcome.exitStatus == 0, let major = DumpPreflight.major(in: version) else {
            throw MigrationError(
                .unmetRequirement, "\(initdb) does not print its version.", next: "Reinstall that PostgreSQL.",
                details: outcome.lastLines)
        }
        self.major = major
    }

    private static func missing(in folder: FilePath) -> [String] {
        names.filter { access(folder.appending($0).string, X_OK) != 0 }
    }

    private static var onPath: [FilePath] {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return path.split(separator: ":").map { FilePath(String($0)) }.filter(\.isAbsolute)
    }

    /// Debian and Ubuntu, Red Hat, Homebrew on both kinds of Mac and on Linux, Postgres.app.
    private static var usual: [FilePath] {
        let places = [
            ("/usr/lib/postgresql", "", "bin"), ("/usr", "pgsql-", "bin"),
            ("/opt/homebrew/opt", "postgresql@", "bin"), ("/usr/local/opt", "postgresql@", "bin"),
            ("/home/linuxbrew/.linuxbrew/opt", "postgresql@", "bin"),
            ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
        ]
        return places.flatMap { parent, prefix, last in
            let names = (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
            return names.filter { $0.hasPrefix(prefix) }.sorted().map { FilePath("\(parent)/\($0)/\(last)") }
        }
    }

    private static func notFound(_ choice: Choice, _ needed: Int, _ found: [PostgresPrograms]) -> MigrationError {
        let wanted: String
        switch choice {
        case .major(let major) where major < needed:
            return MigrationError(
                .unmetRequirement, "The dumps come from PostgreSQL \(needed); --postgres-major=\(major) is older.",
                next: "Omit --postgres-major, or use \(needed) or later.")
        case .major(let major): wanted = "PostgreSQL \(major)"
        case .oldest, .folder: wanted = needed > 0 ? "PostgreSQL \(needed) or later" : "PostgreSQL"
        }
        var number = max(needed, 15)
        if case .major(let major) = choice { number = major }
        return MigrationError(
            .unmetRequirement, "A rehearsal of these dumps needs the server of \(wanted), which was not found.",
            next: "Install it (apt-get install postgresql-\(number), dnf install postgresql\(number)-server, or brew "
                + "install postgresql@\(number); see https://www.postgresql.org/download/), or pass the folder of "
                + "its programs with --postgres-bin.",
            details: found.map { "\($0.folder) has PostgreSQL \($0.major)." })
    }
}
