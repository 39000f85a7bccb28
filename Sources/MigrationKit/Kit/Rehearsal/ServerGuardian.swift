internal import NIOCore
internal import SystemPackage

/// Makes a scratch server and takes it away again, whatever becomes of us.
///
/// It is a shell of its own whose standard input we hold open. When we close that, or die of whatever, its `read`
/// returns: it stops the server, and removes the folder. No signal ends it before.
struct ServerGuardian {
    private let process: RunningProcess
    private let output: OutputPipe
    private let password: Secret

    /// Why a server is not there; the guardian's last words tell more.
    struct NotStarted: Error {}

    private static let patience = Duration.seconds(600)

    init(_ programs: PostgresPrograms, in place: ScratchPlace, password: Secret) throws {
        self.password = password
        output = try OutputPipe()
        let command = Command(
            "/bin/sh",
            [
                "-c", Self.script, "mi-migrate-guardian", programs.folder.string, place.folder.string,
                Self.settings,
            ],
            // Some of them would be settings of the server.
            unsetting: Command.postgresVariables)
        process = try RunningProcess(command, output: output.writingEnd, closesOutput: true, isFed: true)
    }

    /// Starts the server.
    ///
    /// - Returns: Its folder, in which its socket is, and how it sorts text.
    /// - Throws: ``NotStarted``: then ``end()`` says why.
    func start() async throws -> (folder: FilePath, collation: ScratchCollation) {
        do {
            try await process.feed(ByteBuffer(string: password.revealed + "\n"))
        } catch is Errno {
            throw NotStarted()
        }
        var said = ""
        while !said.contains("\n") {
            let chunk = try await output.read(
                stallLimit: Self.patience, program: "pg_ctl", hasEnded: { process.hasEnded })
            guard let chunk else { throw NotStarted() }
            said += String(buffer: chunk)
        }
        let words = said.prefix { $0 != "\n" }.split(separator: " ", maxSplits: 2)
        guard words.count == 3, words[0] == "ready", let collation = ScratchCollation(rawValue: String(words[1]))
        else { throw NotStarted() }
        return (FilePath(String(words[2])), collation)
    }

    /// Has all of it taken away, and returns when it is; called once.
    ///
    /// - Returns: How the guardian has ended; nil if that is not known.
    func end() async -> CommandOutcome? {
        try? await process.feed(nil)
        return try? await process.outcome
    }

    /// Nothing in it outlives a crash, so nothing waits for the disk. Shared memory is files of the folder, too: they go
    /// with it, and containers have little of the other kind. A dump is one transaction, which locks all that it makes.
    private static let settings = """
        listen_addresses = ''
        unix_socket_permissions = 0700
        dynamic_shared_memory_type = mmap
        fsync = off
        synchronous_commit = off
        full_page_writes = off
        wal_level = minimal
        max_wal_senders = 0
        max_wal_size = 512MB
        shared_buffers = 256MB
        max_locks_per_transaction = 1024
        autovacuum = off
        """

    /// Takes the folder of the programs, the folder to work in and the settings; the password is the first
    /// line that it reads.
    private static let script = #"""
        set -u
        umask 077
        trap '' HUP INT PIPE QUIT TERM
        bin=$1 parent=$2 settings=$3
        read -r password || exit 0
        folder=$(mktemp -d "$parent/rehearsal.XXXXXX") && cd "$folder" || exit 1

        # A server refuses to run as root: root lends it another user. runuser is where not every PATH leads.
        PATH=$PATH:/usr/sbin:/sbin
        lent=
        if [ "$(id -u)" -eq 0 ]; then
            if id postgres >/dev/null 2>&1; then lent=postgres; else lent=nobody; fi
        fi
        as_server() {
            if [ -z "$lent" ]; then
                "$@"
            elif command -v runuser >/dev/null; then
                runuser -u "$lent" -- "$@"
            else
                sudo -n -u "$lent" -- "$@"
            fi
        }

        find_locale() { locale -a 2>/dev/null | grep -iE "^$1[.]utf-?8\$" | head -n 1; }

        make_cluster() {
            as_server "$bin/initdb" --pgdata="$folder/data" --username=cloudsqladmin --pwfile="$folder/password" \
                --auth-local=scram-sha-256 --auth-host=reject --encoding=UTF8 "$@" \
                --lc-messages=C --no-sync >initdb.log 2>&1
        }

        # New instances of Cloud SQL sort as en_US.UTF-8. ICU does nearly the same; PostgreSQL has it from 15 on, unless
        # it was built without.
        sort_as_cloudsql() {
            english=$(find_locale en_US) other=$(find_locale C)
            if [ -n "$english" ]; then
                collation=locale && make_cluster --locale="$english"
            elif make_cluster --locale="${other:-C}" --locale-provider=icu --icu-locale=en-US; then
                collation=icu
            else
                collation=bytes && make_cluster --locale="${other:-C}"
            fi
        }

        start() {
            printf '%s\n' "$password" >password &&
                { [ -z "$lent" ] || chown -R "$lent" "$folder"; } &&
                sort_as_cloudsql &&
                rm password &&
                printf "%s\nunix_socket_directories = '%s'\n" "$settings" "$folder" |
                as_server tee -a "$folder/data/postgresql.conf" >/dev/null &&
                as_server "$bin/pg_ctl" --pgdata="$folder/data" --log="$folder/server.log" --wait --timeout=300 \
                    --silent start >pg_ctl.log 2>&1
        }

        {
            if start; then
                printf 'ready %s %s\n' "$collation" "$folder"
            else
                if [ -s server.log ]; then tail -n 20 server.log; else tail -n 20 initdb.log; fi >&2
                printf 'failed\n'
            fi
        } </dev/null &

        while read -r _; do :; done
        wait
        if [ -e data/postmaster.pid ]; then
            as_server "$bin/pg_ctl" --pgdata="$folder/data" --mode=immediate --wait --silent stop >pg_ctl.log 2>&1
        fi
        cd / && rm -rf "$folder"
        """#
}
