extension ComposeInstance {
    /// A container of the deployment.
    struct Container: Sendable, Hashable, CustomStringConvertible {
        var service: String
        /// `running`, `restarting`, `exited` …
        var status: String
        /// `starting`, `healthy`, `unhealthy`; nil where it has no way to tell.
        var health: String?
        var restarts: Int
        var exitCode: Int

        /// Whether it does what it is there for: the migrator ends.
        var isAtWork: Bool {
            status == "running" || (service == ComposeInstance.migrator && status == "exited" && exitCode == 0)
        }

        /// Whether it has ended with an error for good.
        var hasFailed: Bool { hasStopped && exitCode != 0 }

        /// Whether it has ended for good.
        var hasStopped: Bool { status == "exited" || status == "dead" }

        var description: String {
            let ending = status == "exited" ? " with \(exitCode)" : ""
            let restarted = restarts > 0 ? ", restarted \(restarts) times" : ""
            return "\(service): \(status)\(ending)\(health.map { ", \($0)" } ?? "")\(restarted)"
        }
    }

    /// What `docker inspect` is asked for.
    private static let format =
        #"{{index .Config.Labels "com.docker.compose.service"}}|{{.State.Status}}|"#
        + "{{if .State.Health}}{{.State.Health.Status}}{{end}}|{{.RestartCount}}|{{.State.ExitCode}}"

    /// All containers of the deployment, also those that have ended.
    func containers() async throws -> [Container] {
        let reply = try await shell.run(
            """
            \(try await prelude())
            ids=$(compose ps -aq) || exit
            [ -z "$ids" ] || docker inspect --format \(Self.format.shellQuoted) $ids
            """)
        guard reply.status == 0 else {
            throw try await refusal("ps -aq", reply)
        }
        return reply.output.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: "|", omittingEmptySubsequences: false).map { String($0).printable }
            guard fields.count == 5, let restarts = Int(fields[3]), let exitCode = Int(fields[4]) else { return nil }
            return Container(
                service: fields[0], status: fields[1], health: fields[2].isEmpty ? nil : fields[2], restarts: restarts,
                exitCode: exitCode)
        }
    }

    /// The last that a service has said.
    func logs(of service: String) async throws -> [String] {
        try await compose("logs --no-color --tail=200 \(service.shellQuoted) 2>&1").split(separator: "\n")
            .filter { !$0.hasPrefix("Attaching to ") }
            .map { line in
                // Each line begins with the container's name.
                let text = line.firstRange(of: " | ").map { line[$0.upperBound...] } ?? line
                return String(text.prefix(4000))
            }
            .redacted.map(\.singleSpaced.printable)
    }

    // MARK: Configuration

    /// What docker-compose makes of its files.
    public func configuration() async throws -> InstanceConfiguration {
        let services = try await composeServices()
        func image(_ service: String) -> String? { services[service]?["image"]?.text }
        let frontend = services.keys.sorted().first { $0.hasPrefix("sourcegraph-frontend") }
        return InstanceConfiguration(
            release: frontend.flatMap { image($0) }.flatMap(Self.tag), migrator: image(Self.migrator).flatMap(Self.tag),
            services: Set(services.keys))
    }

    /// The services of docker-compose's files. There are passwords in it: it is shown to nobody.
    func composeServices() async throws -> [String: YAMLNode] {
        let text = try await compose("config")
        guard let services = try? YAMLNode(text)?["services"]?.members else {
            throw MigrationError(
                .failed, "The output of `\(try await typed("config"))` on \(name) is not valid.",
                next: "Check that it prints only YAML to standard output.")
        }
        return Dictionary(services.compactMap { key, value in key.text.map { ($0, value) } }) { $1 }
    }

    /// `5.1.8` of `index.docker.io/sourcegraph/migrator:5.1.8@sha256:…`.
    static func tag(of image: String) -> String? {
        let name = image.prefix { $0 != "@" }.split(separator: "/").last ?? ""
        let parts = name.split(separator: ":", maxSplits: 1)
        return parts.count == 2 ? String(parts[1]).printable : nil
    }
}
