internal import NIOCore
public import SystemPackage

extension ImportPlan {
    /// A plan is a few kilobytes.
    private static let sizeLimit = 16 << 20

    /// Reads a plan.
    ///
    /// - Throws: ``MigrationError`` with code `usage` if the file is none, or one of another format.
    public init(readFrom path: FilePath) async throws {
        struct Header: Decodable { var format: Int }
        guard FileIdentity(path: path) != nil else {
            throw MigrationError(
                .usage, "There is no plan \(path).",
                next: "Create it with `mi-migrate plan -o \(path.string.shellQuoted)`.")
        }
        let text = try await FileReader(path: path).unchangingStream.collected { count in
            guard count <= Self.sizeLimit else { throw MigrationError(.usage, "\(path) is too large to be a plan.") }
        }
        let bytes = Array(text.readableBytesView)
        guard let header = try? JSONText.decode(Header.self, from: bytes) else {
            throw MigrationError(
                .usage, "\(path) is not a plan.",
                next: "Create one with `mi-migrate plan -o \(path.string.shellQuoted)`.")
        }
        guard header.format == Self.currentFormat, let plan = try? JSONText.decode(ImportPlan.self, from: bytes) else {
            throw MigrationError(
                .usage, "\(path) was made by another version of mi-migrate.",
                next: "Create a new one with `mi-migrate plan -o \(path.string.shellQuoted)`.")
        }
        self = plan
    }

    /// Writes the plan to a file, for its owner alone.
    ///
    /// - Throws: ``MigrationError`` if the disk refuses.
    public func write(to path: FilePath) async throws {
        let text = try JSONText.encode(self)
        try await AtomicFile.write(path) { try await $0.append(ByteBuffer(string: text + "\n")) }
    }

    /// The plan for a person.
    public var table: String {
        var table = TextTable(["step", "destroys", "bytes", "about"], rightAligned: [1, 2, 3])
        for step in steps {
            table.add([
                step.name.description, step.destroys.map(Quantity.bytes) ?? "", step.bytes.map(Quantity.bytes) ?? "",
                step.seconds.map { Quantity.duration(.seconds($0)) } ?? "",
            ])
        }
        var lines = ["\(identity.snapshot) into \(identity.target)", table.text]
        if let live, !steps.isEmpty {
            lines.append("\(live) --start-over drops its databases all the same, once \(server) is typed.")
        }
        if !connections.isEmpty {
            lines.append("Connected sessions, which block the import; --terminate-connections ends them:")
            lines += connections.map { "  \($0)" }
        }
        if let way, !steps.isEmpty { lines.append(way) }
        if steps.isEmpty { return (lines.prefix(1) + ["Nothing is left to do."]).joined(separator: "\n") }
        lines.append(
            estimatedBy.map { "Estimated duration: \(Quantity.duration(duration)), \($0)." }
                ?? "Estimated duration: not known before a rehearsal (`mi-migrate rehearse`).")
        return lines.joined(separator: "\n")
    }
}
