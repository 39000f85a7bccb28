/// Which form of compose a machine has: the program `docker-compose`, or docker's plugin. It is asked for once, by running
/// both: one that is there and does not work is none.
actor ComposeProgram {
    private var words: String?

    /// The words that it is called by.
    ///
    /// - Throws: ``MigrationError`` if neither works, with what each said.
    func words(on shell: InstanceShell) async throws -> String {
        if let words { return words }
        let reply = try await shell.run(
            """
            \(Self.docker)
            try() {
                said=$(command $as "$@" version 2>&1 </dev/null)
                status=$?
                [ $status -ne 0 ] || { echo "$*"; exit 0; }
                echo "$* version: exit status $status: $(printf '%s\\n' "$said" | grep . | tail -n 1)"
            }
            try docker-compose
            try docker compose
            exit 1
            """)
        if reply.status != 0, let docker = DockerFailure.last(of: reply.errors) {
            throw MigrationError(
                .unmetRequirement, "Docker does not work on \(shell.address.name): \(docker.sentence)",
                next: DockerFailure.next(docker.kind))
        }
        let lines = reply.output.split(whereSeparator: \.isNewline).map { String($0.prefix(1000)).redacted.printable }
        guard reply.status == 0, let words = lines.last, Self.forms.contains(words) else {
            throw MigrationError(
                .unmetRequirement,
                "Neither `docker-compose` nor `docker compose` works on \(shell.address.name).",
                next:
                    "Install one of them there, or repair it: `docker-compose version` or `docker compose version` must "
                    + "succeed.", details: lines)
        }
        self.words = words
        return words
    }

    private static let forms = ["docker-compose", "docker compose"]

    /// What scripts begin with: `docker` is docker, by sudo where it has to be, which is in `as`. Without its daemon they
    /// end.
    static let docker = """
        as=
        said=$(command docker ps -q 2>&1 >/dev/null) || {
            sudo -n docker ps -q >/dev/null 2>&1 || { printf '%s\\n' "$said" >&2; exit 1; }
            as='sudo -n'
        }
        docker() { command $as docker "$@"; }
        """
}
