/// Names that Google gives things, as far as a typing error shows before anybody is asked.
package enum GoogleNames {
    /// A project's id.
    ///
    /// Source: "Creating and managing projects" in Google Cloud's documentation; older projects of an organisation have
    /// its domain in front.
    ///
    /// - Throws: ``MigrationError`` with code `usage`.
    package static func project(_ text: String) throws -> String {
        guard text.wholeMatch(of: /([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]/) != nil else {
            throw MigrationError(
                .usage, "`\(text.printable)` is not a project ID.",
                next:
                    "A project ID has 6 to 30 lowercase letters, digits and hyphens: see `gcloud projects list`.")
        }
        return text
    }

    /// A Cloud SQL instance: its name, or the connection name `project:region:name`.
    ///
    /// - Returns: The name, and the project where the text names it.
    /// - Throws: ``MigrationError`` with code `usage`.
    package static func instance(_ text: String) throws -> (name: String, project: String?) {
        func refused() -> MigrationError {
            MigrationError(
                .usage, "`\(text.printable)` is not a valid Cloud SQL instance name.",
                next: "Write it as `gcloud sql instances list` shows it, such as main-47cc60a2.")
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard let name = parts.last, name.count <= 98,
            name.wholeMatch(of: /[a-z]([a-z0-9-]*[a-z0-9])?/) != nil
        else { throw refused() }
        if parts.count == 1 { return (name, nil) }
        guard parts.count >= 3, parts[parts.count - 2].wholeMatch(of: /[a-z]+[a-z0-9-]*/) != nil else {
            throw refused()
        }
        return (name, try project(parts.dropLast(2).joined(separator: ":")))
    }
}
