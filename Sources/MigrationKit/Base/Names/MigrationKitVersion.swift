/// The version of this library and of its two commands.
public enum MigrationKitVersion {
    /// By semantic versioning.
    public static let current = "0.1.0"
}
