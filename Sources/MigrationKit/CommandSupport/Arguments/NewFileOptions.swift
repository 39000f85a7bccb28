import ArgumentParser
package import SystemPackage

/// Whether a file that `init` writes may replace another one.
package struct NewFileOptions: ParsableArguments {
    @Flag(name: .goStyle("force"), help: "Replace a file that exists.")
    package var force = false

    package init() {}

    /// Looks whether it may be written, before anybody is asked what should be in it.
    ///
    /// - Throws: ``MigrationError`` with code `usage` if there is one already.
    package func check(_ path: FilePath) throws {
        guard FileIdentity(path: path) != nil, !force else { return }
        throw MigrationError(
            .usage, "\(path) already exists.", next: "Edit it, or add --force to replace it. Nothing was written.")
    }

    /// Writes it, for its owner alone.
    package func write(_ text: String, to path: FilePath) async throws {
        try check(path)
        try await SecretFile(path: path, bytes: Array(text.utf8)).write()
    }
}
