internal import MigrationKitFoundation
internal import SystemPackage

/// A server, and the role that works there: a `postgres://` URI, taken apart so that its password never is in argv.
public struct PostgresURI: Sendable, Hashable {
    /// Host, or folder of the socket; empty: libpq's default.
    public var host: String
    /// Port; nil: libpq's default.
    public var port: Int?
    /// Role.
    public var user: String?
    /// Password; nil: from the environment or the password file.
    public var password: Secret?
    /// Database to connect to where none is named otherwise.
    public var database: String
    /// libpq's environment variables for the URI's parameters.
    var parameters: [String: String] = [:]
    /// What the server is called in messages; nil: by host and port.
    var name: String?
    /// The folder of psql; nil: it is looked up in `PATH`.
    var programs: FilePath?
    /// The role that sessions act as, to which what they make then belongs; nil: the one that logs in.
    var role: String?
    /// Whether psql gets the caller's variables for libpq; else only what the URI says.
    var inheritsSettings = true

    /// What the server's administrator sees, if the URI has no other.
    static let applicationName = "mi-migrate"

    /// Parameters that libpq takes from its environment too.
    static let variables = [
        "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY",
        "connect_timeout": "PGCONNECT_TIMEOUT", "application_name": "PGAPPNAME", "passfile": "PGPASSFILE",
        "channel_binding": "PGCHANNELBINDING", "gssencmode": "PGGSSENCMODE",
        "target_session_attrs": "PGTARGETSESSIONATTRS",
    ]

    /// Reads a URI.
    ///
    /// - Parameters:
    ///   - text: `postgres://[user[:password]@][host][:port][/database][?parameter=value…]`; `host` may be a parameter,
    ///     for a folder with a socket.
    ///   - name: What the URI was given as, for messages.
    /// - Throws: ``MigrationError`` with code `usage`. The message does not repeat the URI, which may hold a password.
    public init(_ text: String, named name: String = "--into") throws {
        guard text.hasPrefix("postgres://") || text.hasPrefix("postgresql://") else { throw Self.noURI(name) }
        try Self.checkDelimiters(text, name)
        guard let parts = URLComponents(string: text) else { throw Self.noURI(name) }
        host = (parts.host ?? "").lowercased()
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        port = parts.port
        user = Self.text(parts.user)
        password = Self.text(parts.password).map { Secret(known: $0) }
        let path = parts.path.drop { $0 == "/" }
        database = path.isEmpty ? "postgres" : String(path)
        for item in parts.queryItems ?? [] {
            switch item.name {
            case "host": host = item.value ?? ""
            case "port": port = item.value.flatMap(Int.init)
            case "user": user = Self.text(item.value)
            case "password": password = Self.text(item.value).map { Secret(known: $0) }
            case "dbname": database = Self.text(item.value) ?? database
            default:
                guard let variable = Self.variables[item.name], let value = item.value else {
                    guard !text.drop(while: { $0 != "?" }).contains("@") else { throw Self.unencoded(name) }
                    throw MigrationError(
                        .usage, "\(name) has the parameter `\(item.name.printable)`, which is not supported.",
                        next:
                            "Supported: \((Self.variables.keys + ["host", "port", "user", "dbname"]).sorted().joined(separator: ", "))."
                    )
                }
                // libpq takes an empty variable for a value, and refuses it or, worse, takes it for a wish.
                guard !value.isEmpty else {
                    throw MigrationError(
                        .usage, "\(name) has the parameter `\(item.name)` without a value.",
                        next: "Give it one, or omit it.")
                }
                parameters[variable] = value
            }
        }
        for part in [host, database, user ?? ""] + parameters.values { try MisplacedSecret.refuse(part, as: name) }
        let standard = ProcessInfo.processInfo.environment["PGHOST"]
        if host.isEmpty, let standard { try MisplacedSecret.refuse(standard, as: "PGHOST") }
    }

    /// Refuses a URI that a password with `#`, `/`, `?` or `@` cuts apart: a part of it would be taken for the host,
    /// and shown.
    private static func checkDelimiters(_ text: String, _ name: String) throws {
        guard let scheme = text.firstRange(of: "://"), !text.contains("#") else { throw unencoded(name) }
        let rest = text[scheme.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let path = rest[authority.endIndex...].prefix { $0 != "?" }
        let parts = authority.split(separator: "@", omittingEmptySubsequences: false)
        guard !path.contains("@"), parts.count <= 2 else { throw unencoded(name) }
        var place = parts.last ?? ""
        if parts.count == 2, place.contains(",") {
            throw MigrationError(
                .usage, "\(name) has several hosts.", next: "Use one: the server that takes the import.")
        }
        if place.hasPrefix("["), let end = place.lastIndex(of: "]") { place = place[place.index(after: end)...] }
        guard let colon = place.firstIndex(of: ":") else { return }
        let port = place[place.index(after: colon)...]
        guard port.isEmpty || (port.allSatisfy(\.isASCII) && (1...65535).contains(Int(port) ?? 0)) else {
            throw unencoded(name)
        }
    }

    private static func noURI(_ name: String) -> MigrationError {
        MigrationError(
            .usage, "\(name) is not a postgres:// URI.", next: "Write it as postgres://user@host:5432/postgres.")
    }

    private static func unencoded(_ name: String) -> MigrationError {
        MigrationError(
            .usage, "\(name) is not a valid postgres:// URI: its host or port cannot be told from its password.",
            next: "Percent-encode what the password has (# is %23, / is %2F, ? is %3F, @ is %40, : is %3A), or use "
                + "PGPASSWORD.")
    }

    private static func text(_ part: String?) -> String? { part.flatMap { $0.isEmpty ? nil : $0 } }

    /// The server for people, without role and password, with its port unless that is 5432; also what is typed to
    /// confirm that it may be overwritten.
    ///
    /// Where the URI leaves something out, libpq takes it from the environment, and so do we.
    public var serverName: String {
        if let name { return name }
        let environment = ProcessInfo.processInfo.environment
        let name = host.isEmpty ? environment["PGHOST"] ?? "localhost" : host
        let port = port.map(String.init) ?? environment["PGPORT"] ?? "5432"
        return port == "5432" ? name : "\(name):\(port)"
    }

    /// Whether it is a socket, whose server runs on this machine.
    var isSocket: Bool {
        let host = host.isEmpty ? ProcessInfo.processInfo.environment["PGHOST"] ?? "/" : host
        return host.hasPrefix("/")
    }

    /// Name or path of a program of PostgreSQL's.
    private func path(of program: String) -> String { programs?.appending(program).string ?? program }

    /// Name or path of psql.
    var psql: String { path(of: "psql") }

    /// Runs psql against a database of the server.
    ///
    /// - Parameters:
    ///   - database: The database; nil: the one that the URI names.
    ///   - arguments: psql's arguments.
    ///   - input: What it reads.
    func psql(database: String? = nil, _ arguments: [String], input: String = "") -> Command {
        // The server writes its errors in the language of its `lc_messages`; the SQLSTATE is the same in every one.
        let settings = ["--set=ON_ERROR_STOP=1", "--set=VERBOSITY=verbose"]
        return command(
            "psql", ["--no-psqlrc", "--no-password", "--quiet"] + settings + arguments, database: database, input: input
        )
    }

    /// Runs a program that connects to a database of the server.
    func command(
        _ program: String, _ arguments: [String], database: String? = nil, input: String = ""
    ) -> Command {
        // The text of rows and times must be what the dump's is, and the program's own words are read.
        var variables = ["PGTZ": "UTC", "PGAPPNAME": Self.applicationName, "PGCLIENTENCODING": "UTF8", "LC_ALL": "C"]
        variables.merge(parameters) { $1 }
        variables["PGDATABASE"] = database ?? self.database
        if !host.isEmpty { variables["PGHOST"] = host }
        if let port { variables["PGPORT"] = "\(port)" }
        if let user { variables["PGUSER"] = user }
        if let password { variables["PGPASSWORD"] = password.revealed }
        if let role { variables["PGOPTIONS"] = "-c role=\(Self.escaped(role))" }
        return Command(
            path(of: program), arguments,
            environment: variables.sorted { $0.key < $1.key }.map { Command.Variable($0.key, Secret($0.value)) },
            // Each of them could lead to another server than the one that was confirmed, or to other settings.
            unsetting: inheritsSettings
                ? ["PGHOSTADDR", "PGSERVICE", "PGSERVICEFILE", "PGOPTIONS", "PGDATESTYLE", "PGGEQO"]
                    .filter { variables[$0] == nil }
                : Command.postgresVariables.filter { variables[$0] == nil },
            input: Secret(input)
        )
    }

    /// As one word among options of the server, which are split at spaces.
    private static func escaped(_ option: String) -> String {
        String(option.flatMap { $0.isWhitespace || $0 == "\\" ? ["\\", $0] : [$0] })
    }

    /// The same, whose sessions act as another role.
    func acting(as role: String?) -> PostgresURI {
        var uri = self
        uri.role = role
        return uri
    }
}
