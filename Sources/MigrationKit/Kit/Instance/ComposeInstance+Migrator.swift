extension ComposeInstance {
    /// `docker-compose run migrator`. Unlike the service, which is restarted for ever when it fails, this runs once.
    ///
    /// The container has a name of its own: there cannot be two, and one that a run has left behind is waited for.
    public func migrate(_ command: MigratorCommand, job: String) async throws -> MigratorRun {
        let what = "migrator \(command.arguments.first ?? "up")"
        let outcome = try await follow(what, try await script(command), job: job)
        return MigratorRun(
            status: outcome.status, lastLines: outcome.lastLines, place: InstanceJob.place(outcome.folder, name))
    }

    private static let container = "mi-migrate-migrator"

    private func script(_ command: MigratorCommand) async throws -> String {
        let arguments = command.arguments.map(\.shellQuoted).joined(separator: " ")
        let variables = command.environment.sorted { $0.key < $1.key }
            .map { "-e \("\($0.key)=\($0.value)".shellQuoted) " }.joined()
        let isConfigured = try await configuration().migrator.map { SourcegraphVersion($0) == command.version } ?? false
        return """
            name=\(Self.container)
            running=$(docker ps -aq --filter "name=^/?$name\\$") || exit
            if [ -n "$running" ]; then
                echo 'Waiting for the migrator of an earlier run to finish.'
                docker wait "$name" >/dev/null
                docker rm -f "$name" >/dev/null 2>&1
            fi
            \(isConfigured ? "" : override("index.docker.io/\(command.image)", of: Self.migrator))
            compose run --rm -T --no-deps --name "$name" \(variables)\(Self.migrator) \(arguments)
            """
    }

    /// Another image of a service than the configured one, by a file of its own beside those that docker-compose would read.
    func override(_ image: String, of service: String) -> String {
        """
        files=${COMPOSE_FILE:-$(sed -n 's/^COMPOSE_FILE=//p' .env 2>/dev/null | tail -n 1)}
        if [ -z "$files" ]; then
            for kind in compose docker-compose; do
                for file in "$kind.yaml" "$kind.yml" "$kind.override.yaml" "$kind.override.yml"; do
                    [ ! -e "$file" ] || files=${files:+$files:}$file
                done
                [ -z "$files" ] || break
            done
        fi
        printf 'services:\\n  %s:\\n    image: %s\\n' \(service.shellQuoted) \(image.shellQuoted) >"$job/override.yaml"
        COMPOSE_FILE=$files:$job/override.yaml
        export COMPOSE_FILE
        as=${as:+$as --preserve-env=COMPOSE_FILE}
        """
    }
}
