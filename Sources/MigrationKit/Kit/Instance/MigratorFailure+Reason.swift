extension MigratorFailure {
    /// What one message of the migrator says about the failure.
    struct Reason {
        let kind: Kind
        let sentence: String
        let others: [String]

        /// Nil if the message tells nothing that is known.
        init?(_ message: MigratorOutput.Message, of command: MigratorCommand) {
            let lines = message.ownLines
            if let docker = DockerFailure.last(of: lines) {
                kind = Kind(docker.kind)
                sentence = Self.trimmed(docker.sentence)
                others = lines.filter { $0 != docker.sentence }
                return
            }
            for (kind, words) in Self.words {
                guard
                    let found = lines.firstIndex(where: { line in
                        let line = line.lowercased()
                        return words.contains { line.contains($0) }
                    })
                else { continue }
                // The migrator says so of itself and goes on, if it was told to ignore it.
                if kind == .newerMigratorAvailable, command.arguments.contains("--ignore-migrator-update") { continue }
                self.kind = kind
                sentence = Self.trimmed(lines[found])
                others = Array(lines[..<found] + lines[(found + 1)...])
                return
            }
            return nil
        }

        /// What cannot be told: the first words, and the database's error if there is one; then what was written before.
        init(other message: MigratorOutput.Message?, after earlier: [MigratorOutput.Message]) {
            kind = .other
            let lines = message?.ownLines ?? []
            let fault = lines.firstIndex { $0.contains("ERROR:") }
            let first = lines.first.map(Self.trimmed) ?? ""
            sentence = fault.map { $0 == 0 ? first : "\(first) \(Self.trimmed(lines[$0]))" } ?? first
            others =
                lines.indices.dropFirst().filter { $0 != fault }.map { lines[$0] }
                + earlier.suffix(10).flatMap(\.ownLines)
        }

        /// A signal that ended it: what it wrote before is no reason.
        init(killed status: ExitStatus, after earlier: [MigratorOutput.Message]) {
            kind = .killed
            let memory = status.number == 137 ? ", as when a machine runs out of memory" : ""
            sentence = "it \(status)\(memory)"
            others = earlier.suffix(10).flatMap(\.ownLines)
        }

        /// A line without what decorates it: a bullet, a sign, `error:`.
        private static func trimmed(_ line: String) -> String {
            let plain = line.drop { !$0.isLetter && !$0.isNumber && $0 != "\"" && $0 != "`" }
            let told = plain.lowercased().hasPrefix("error: ") ? plain.dropFirst("error: ".count) : plain
            return told.isEmpty ? line : String(told)
        }

        /// What the migrator and the servers say, in lower case; what is more special comes first.
        private static let words: [(Kind, [String])] = [
            (.unfinishedOutOfBandMigrations, ["unfinished migrations. please revert"]),
            (.contention, ["migration contention: "]),
            (.dirtyDatabase, ["dirty database: ", "dirty database version"]),
            (.privileged, ["refusing to apply a privileged migration", "(sqlstate 42501)"]),
            (.drift, ["database drift detected", "database schema is out of sync"]),
            (.versionAssertion, ["version assertion failed", "cannot parse version"]),
            (.unknownTag, ["unknown tag \"", "failed to locate target schema description"]),
            (.invalidRange, ["invalid range (from", "bad format for -from", "bad format for -to"]),
            (.notAllowed, ["is not allowed, please refer to"]),
            (.postgresTooOld, ["sourcegraph requires postgresql"]),
            (.outOfDate, ["schema out of date"]),
            (
                .cannotConnect,
                [
                    "failed to connect to", "connection refused", "connection reset by peer", "no such host",
                    "password authentication failed", "no pg_hba.conf entry", "db not available", "i/o timeout",
                    "database did not start up", "the database system is ", "server closed the connection",
                    "terminating connection", "too many clients already", "remaining connection slots",
                    // Of servers that do not speak English.
                    "(sqlstate 28", "(sqlstate 53300)", "(sqlstate 57p0",
                ]
            ),
            (.newerMigratorAvailable, ["a newer migrator version is available"]),
        ]
    }
}

extension MigratorFailure.Kind {
    fileprivate init(_ docker: DockerFailure.Kind) {
        self =
            switch docker {
            case .noDaemon: .noDocker
            case .imageRefused: .imageRefused
            case .registryUnreachable: .registryUnreachable
            }
    }
}
