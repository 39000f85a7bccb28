/// The version of this library and of its two commands.
package enum MigrationKitVersion {
    /// By semantic versioning.
    package static let current = "0.1.0"
}
