internal import MigrationKitBuild

/// The version of this library and of its two commands.
package enum MigrationKitVersion {
    /// By semantic versioning.
    package static let current = "0.2.0"

    /// What `--version` shows: the version, and what it was built from.
    package static let described = described(
        commit: String(cString: migrationkit_commit), date: String(cString: migrationkit_date))

    /// - Parameter commit: Empty if it is not a release.
    static func described(commit: String, date: String) -> String {
        commit.isEmpty ? "\(current) (development build)" : "\(current) (commit \(commit), \(date))"
    }
}
