extension TargetsFile {
    /// A targets file to begin with, with a line for everything that can be set.
    ///
    /// - Parameters:
    ///   - targets: What is known.
    ///   - transport: How the databases are reached.
    package static func template(_ targets: [Database: DatabaseTarget], for transport: DumpTransport) -> String {
        let kind =
            switch transport {
            case .pgDump: "host"
            case .docker: "container"
            case .kubectl: "pod or workload, such as statefulset/pgsql"
            }
        var lines = [
            "# Where Sourcegraph's databases are, for `src-snapshot run \(transport.rawValue) --targets=FILE`.",
            "# It contains passwords: keep it readable by you alone (chmod 600). Remove a database that you do not have.",
        ]
        for (database, target) in targets.sorted(by: { $0.key < $1.key }) {
            lines += [
                "\(database.rawValue):", "  target: \(target.target.quotedAsYAML)  # \(kind)",
                "  dbname: \(target.dbname.quotedAsYAML)", "  username: \(target.username.quotedAsYAML)",
                "  password: \(target.password.revealed.quotedAsYAML)",
            ]
            lines.append(target.port.map { "  port: \($0)" } ?? "  # port: 5432")
            lines.append("  # sslmode: require")
            if transport == .kubectl {
                lines.append(
                    "  \(target.namespace.map { "namespace: \($0.quotedAsYAML)" } ?? "# namespace: sourcegraph")")
                lines.append("  \(target.container.map { "container: \($0.quotedAsYAML)" } ?? "# container: pgsql")")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension String {
    /// The text as a scalar of YAML, in quotes.
    package var quotedAsYAML: String {
        let isPlain = !isEmpty && unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
        // A control character cannot stand in single quotes.
        guard isPlain || isEmpty else {
            let escaped = unicodeScalars.map { scalar in
                scalar.properties.generalCategory == .control
                    ? "\\u" + String(repeating: "0", count: 4 - String(scalar.value, radix: 16).count)
                        + String(scalar.value, radix: 16) : ["\"", "\\"].contains(scalar) ? "\\\(scalar)" : "\(scalar)"
            }
            return "\"\(escaped.joined())\""
        }
        return "'\(replacing("'", with: "''"))'"
    }
}
