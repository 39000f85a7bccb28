public import MigrationKitFoundation
public import SystemPackage

/// Who asks Google: what a credentials file says, or the machine's own service account.
public struct GoogleCredentials: Sendable, CustomStringConvertible {
    /// Whose APIs these are: `googleapis.com` except in sovereign and air-gapped clouds.
    public let universeDomain: String
    /// The project that requests are counted against, if not the bucket's own.
    public let quotaProject: String?
    /// The account's e-mail address, where it is known.
    public let account: String?
    /// What is not right but no reason to stop, a sentence each.
    public let warnings: [String]

    let source: CredentialSource
    /// Where they are from, for messages.
    let origin: String

    static let defaultUniverse = "googleapis.com"

    /// Reads a credentials file, as `-credentials=FILE` names it.
    ///
    /// - Parameters:
    ///   - path: The file: a service account's key, or one that gcloud wrote.
    ///   - environment: `GOOGLE_CLOUD_QUOTA_PROJECT` and `GOOGLE_CLOUD_UNIVERSE_DOMAIN` count.
    /// - Returns: The credentials; nobody has been asked yet whether they are valid.
    /// - Throws: ``MigrationError`` with code `usage` that names the file and what is needed, and shows none of it.
    public static func file(
        _ path: FilePath, environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> GoogleCredentials {
        let fields = try CredentialFile.read(path)
        let source = try CredentialSource(fields)
        let universe = try fields.optionalText("universe_domain") ?? defaultUniverse
        guard isDomain(universe) else {
            throw fields.error("`universe_domain` in \(path) is not a domain.", next: CredentialFields.again)
        }
        if let wanted = try environment.place("GOOGLE_CLOUD_UNIVERSE_DOMAIN"), wanted != universe {
            throw MigrationError(
                .usage, "GOOGLE_CLOUD_UNIVERSE_DOMAIN says \(wanted), but \(path) is for \(universe).",
                next: "Unset the variable, or use credentials for \(wanted): --credentials=FILE."
            )
        }
        let isOpen = source.holdsSecrets && SecretFile.isReadableByOthers(path)
        return GoogleCredentials(
            universeDomain: universe,
            quotaProject: try environment.place("GOOGLE_CLOUD_QUOTA_PROJECT")
                ?? fields.optionalText("quota_project_id"),
            account: source.account,
            warnings: isOpen ? ["\(path) can be read by others: chmod 600 \(path.string.shellQuoted)"] : [],
            source: source, origin: path.string
        )
    }

    /// Finds credentials where Google's own tools look: the file that `GOOGLE_APPLICATION_CREDENTIALS` names, the one
    /// that `gcloud auth application-default login` writes, the metadata server.
    ///
    /// - Parameter environment: The variables above, `CLOUDSDK_CONFIG`, `HOME`, `GCE_METADATA_HOST`, `NO_GCE_CHECK`.
    /// - Returns: The credentials; whether there is a metadata server shows when a token is asked for.
    /// - Throws: ``MigrationError`` with code `usage` if a file is there and cannot be used; with `unmet-requirement` if
    ///   there is none and the metadata server is not to be asked.
    public static func applicationDefault(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> GoogleCredentials {
        var searched: [String] = []
        if let named = try environment.place("GOOGLE_APPLICATION_CREDENTIALS") {
            do {
                return try file(FilePath(named), environment: environment)
            } catch var error as MigrationError {
                error.details.append("This file comes from GOOGLE_APPLICATION_CREDENTIALS.")
                throw error
            }
        }
        searched.append("GOOGLE_APPLICATION_CREDENTIALS is not set")
        if let path = try gcloudFile(environment) {
            if FileIdentity(path: path) != nil { return try file(path, environment: environment) }
            searched.append("there is no \(path)")
        }
        guard !["true", "1"].contains(environment.value("NO_GCE_CHECK")?.lowercased()) else {
            throw MetadataServer.nothingFound(searched + ["NO_GCE_CHECK disables the metadata server"])
        }
        let server = try MetadataServer(environment: environment, searched: searched)
        let universe = try environment.place("GOOGLE_CLOUD_UNIVERSE_DOMAIN") ?? defaultUniverse
        guard isDomain(universe) else {
            throw MigrationError(
                .usage, "GOOGLE_CLOUD_UNIVERSE_DOMAIN is not a domain.",
                next: "Unset it, or set it to a domain such as googleapis.com.")
        }
        return GoogleCredentials(
            universeDomain: universe, quotaProject: try environment.place("GOOGLE_CLOUD_QUOTA_PROJECT"), account: nil,
            warnings: [], source: .metadataServer(server), origin: "the metadata server \(server.host)"
        )
    }

    /// The account, or what is known in its place, and where that is from.
    public var description: String { account.map { "\($0) (\(origin))" } ?? origin }

    private static func gcloudFile(_ environment: [String: String]) throws -> FilePath? {
        let folder = try environment.place("CLOUDSDK_CONFIG").map { FilePath($0) }
        let home = try environment.place("HOME").map { FilePath($0).appending(".config").appending("gcloud") }
        return (folder ?? home)?.appending("application_default_credentials.json")
    }

    /// It becomes part of host names.
    private static func isDomain(_ text: String) -> Bool {
        text.wholeMatch(of: /[a-z0-9-]+(\.[a-z0-9-]+)+/) != nil
    }
}
