/// The instance's own way to its databases: a service's variables, the network of its containers, and the proxy there.
extension ComposeInstance {
    /// Asks the databases for their marks, from containers that have a service's settings and `psql`.
    ///
    /// The migrator's settings lead to all of them. Other services are asked for those that they reach by another address.
    public func databases(_ databases: [Database]) async throws -> [InstanceDatabase] {
        let services = try await composeServices()
        let image = Self.clientImage(services)
        var found: [InstanceDatabase] = []
        for way in Self.ways(to: databases, services) { found += try await look(way, by: image) }
        return found
    }

    // MARK: Which ways there are

    /// A service, and the databases that it is asked for.
    private struct Way {
        var service: String
        var databases: [Database]
    }

    private static func ways(to databases: [Database], _ services: [String: YAMLNode]) -> [Way] {
        func address(of database: Database, in service: String) -> String? {
            DatabaseAddress(
                of: database, in: environment(services[service]), fallingBack: service == migrator
            ).map { "\($0)" }
        }
        var seen = Set(databases.map { [$0.rawValue, address(of: $0, in: migrator) ?? ""] })
        var ways = [Way(service: migrator, databases: databases)]
        for service in services.keys.sorted() where service != migrator {
            let others = databases.filter { database in
                address(of: database, in: service).map { seen.insert([database.rawValue, $0]).inserted } == true
            }
            if !others.isEmpty { ways.append(Way(service: service, databases: others)) }
        }
        return ways
    }

    /// The variables of a service, which compose writes as a mapping or as a list.
    private static func environment(_ service: YAMLNode?) -> [String: String] {
        let environment = service?["environment"]
        let pairs: [(String, String)] =
            environment?.members?.compactMap { key, value in key.text.map { ($0, value.text ?? "") } }
            ?? (environment?.elements ?? []).compactMap(\.text).map { line in
                let name = line.prefix { $0 != "=" }
                return (String(name), String(line.dropFirst(name.count + 1)))
            }
        return Dictionary(pairs) { $1 }
    }

    /// An image of the deployment that has `psql`, as its own databases do; else Sourcegraph's, by its digest.
    private static func clientImage(_ services: [String: YAMLNode]) -> String {
        let images = services.keys.sorted().compactMap { services[$0]?["image"]?.text }
        return images.first { image in
            let name = image.prefix { $0 != "@" }.split(separator: "/").last?.prefix { $0 != ":" } ?? ""
            return (name.contains("postgres") && !name.contains("exporter")) || name == "codeintel-db"
        } ?? standardClientImage
    }

    private static let standardClientImage =
        "index.docker.io/sourcegraph/postgres-12-alpine:5.2.3"
        + "@sha256:50cfdceddc58b2d4a4f60475bd9351c3a150f7d077b43137ebe012d3c31ffd92"

    // MARK: Asking

    private func look(_ way: Way, by image: String) async throws -> [InstanceDatabase] {
        let job = "match-\(String(UInt64.random(in: .min ... .max), radix: 36))"
        let schemas = way.databases.map(\.migratorSchema).joined(separator: " ")
        let outcome = try await follow(
            "the databases of \(way.service.printable)",
            """
            docker rm -f \(Self.client) >/dev/null 2>&1
            \(override(image, of: way.service))
            compose run --rm -T --no-deps --name \(Self.client) --entrypoint sh \(way.service.shellQuoted) \
            -c \(Self.question.shellQuoted) - \(schemas) </dev/null
            """, job: job)
        let answers = outcome.lastLines.compactMap(Answer.init)
        if answers.isEmpty, let docker = DockerFailure.last(of: outcome.lastLines) {
            throw MigrationError(
                .failed, "Cannot start \(image) on \(name), to ask for its databases: \(docker.sentence)",
                next: DockerFailure.next(docker.kind, pulling: "docker pull \(image)"))
        }
        return way.databases.map { database in
            guard let answer = answers.last(where: { $0.schema == database.migratorSchema }) else {
                let why = outcome.lastLines.last ?? "exit status \(outcome.status)"
                return InstanceDatabase(
                    database, service: way.service, address: "an unknown server", problem: "\(image): \(why)")
            }
            return InstanceDatabase(
                database, service: way.service, address: answer.address, mark: answer.mark, problem: answer.problem)
        }
    }

    private static let client = "mi-migrate-psql"

    /// What the container prints of a database: `mark|frontend|0|cloud-sql-proxy:5432/pgsql|mi-migrate:…`.
    private struct Answer {
        var schema: String
        var address: String
        var mark: String?
        var problem: String?

        init?(_ line: String) {
            let fields = line.split(separator: "|", maxSplits: 4, omittingEmptySubsequences: false).map(String.init)
            guard fields.count == 5, fields[0] == "mark" else { return nil }
            (schema, address) = (fields[1], fields[3])
            if fields[2] != "0" {
                problem = fields[4].isEmpty ? "psql ended with status \(fields[2])" : fields[4]
            } else if !fields[4].isEmpty {
                mark = fields[4]
            }
        }
    }

    /// For the container's shell, with the names of schemas as arguments. A database without variables of its own is
    /// looked for by those of the first, as Sourcegraph's programs do; a `PGDATASOURCE` goes before all others. No
    /// password becomes an argument of a program.
    private static let question = """
        decode() { printf %b "$(printf %s "$1" | sed 's/\\\\/\\\\\\\\/g; s/%/\\\\x/g')"; }
        for schema; do (
            prefix=
            [ "$schema" = frontend ] || prefix=$(printf %s "$schema" | tr a-z A-Z)_
            for name in HOST PORT USER PASSWORD DATABASE SSLMODE; do
                eval "value=\\${${prefix}PG$name:-\\${PG$name:-}}"
                unset "PG$name"
                [ -z "$value" ] || export "PG$name=$value"
            done
            eval "uri=\\${${prefix}PGDATASOURCE:-}"
            case $uri in *://*)
                rest=${uri#*://} options=
                case $rest in *\\?*) options=${rest#*\\?} rest=${rest%%\\?*} ;; esac
                case $rest in */*) PGDATABASE=$(decode "${rest#*/}") ;; esac
                rest=${rest%%/*}
                case $rest in *@*) PGPASSWORD=${rest%@*} PGUSER=$(decode "${PGPASSWORD%%:*}") ;; esac
                case $rest in *:*@*) PGPASSWORD=$(decode "${PGPASSWORD#*:}") ;; esac
                rest=${rest##*@}
                PGHOST=${rest%%:*}
                case $rest in *:*) PGPORT=${rest##*:} ;; esac
                case $options in *sslmode=*) PGSSLMODE=${options##*sslmode=} PGSSLMODE=${PGSSLMODE%%&*} ;; esac
                export PGHOST PGPORT PGUSER PGPASSWORD PGDATABASE PGSSLMODE
            esac
            answer=$(PGCONNECT_TIMEOUT=10 psql -X -A -t -w -c "
                SELECT \(DatabaseMark.reading) FROM pg_database WHERE datname = current_database()" 2>&1)
            status=$?
            answer=$(printf %s "$answer" | tr '\\n' ' ')
            printf 'mark|%s|%s|%s|%s\\n' "$schema" $status "${PGHOST-}:${PGPORT:-5432}/${PGDATABASE-}" "$answer"
        ) done
        """
}

/// Where a service's variables lead for one of the databases, so that two of them can be compared.
struct DatabaseAddress: CustomStringConvertible {
    let description: String

    /// - Parameters:
    ///   - database: The database.
    ///   - variables: The service's variables.
    ///   - fallsBack: Whether variables of the first database stand in for those that the others lack.
    init?(of database: Database, in variables: [String: String], fallingBack fallsBack: Bool) {
        let prefix = database == .primary ? "" : database.migratorSchema.uppercased() + "_"
        func value(_ name: String) -> String? {
            let own = variables["\(prefix)\(name)"].flatMap { $0.isEmpty ? nil : $0 }
            return own ?? (fallsBack ? variables[name].flatMap { $0.isEmpty ? nil : $0 } : nil)
        }
        if let text = variables["\(prefix)PGDATASOURCE"], !text.isEmpty {
            guard let uri = try? PostgresURI(text, named: "PGDATASOURCE") else {
                description = "an address that cannot be read"
                return
            }
            description = "\(uri.host.lowercased()):\(uri.port ?? 5432)/\(uri.database)"
        } else if let host = value("PGHOST") {
            description = "\(host.lowercased()):\(value("PGPORT") ?? "5432")/\(value("PGDATABASE") ?? "")"
        } else {
            return nil
        }
    }
}
