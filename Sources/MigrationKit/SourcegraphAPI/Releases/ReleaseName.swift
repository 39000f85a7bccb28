/// What somebody calls a release: `5.1.8`, `v5.1.8`, `5.1` for 5.1.0, `5.2.3+build`.
///
/// ``SourcegraphVersion`` reads whatever an instance may say of itself. Here only that counts whose schema is known for
/// sure, because databases are altered by it.
package struct ReleaseName {
    /// The release.
    package let version: SourcegraphVersion

    /// Reads a name.
    package init(_ text: String) throws(Refusal) {
        guard text.utf8.count <= 100 else { throw .noRelease }
        guard text.lowercased() != "insiders", text.firstMatch(of: /_[0-9]{4}-[0-9]{2}-[0-9]{2}_/) == nil else {
            throw .branch
        }
        guard let parts = text.wholeMatch(of: Self.form), let major = Int(parts.1), let minor = Int(parts.2),
            let patch = Int(parts.3 ?? "0")
        else { throw .noRelease }
        guard major < 1000 else { throw (2000..<2100).contains(major) ? .app : .noRelease }
        version = SourcegraphVersion(major, minor, patch)
        guard parts.5 != "+dev" else { throw .branch }
        // The migrator does not read `7.2.0-rc.1`, and a candidate's schema need not be the release's.
        guard parts.4 == nil else { throw .candidate(of: version) }
        guard version >= .oldest else { throw .tooOld }
        guard SourcegraphReleases.has(version) else { throw .unknown(version) }
    }

    /// Few enough digits for an Int.
    private static var form: Regex<(Substring, Substring, Substring, Substring?, Substring?, Substring?)> {
        /v?([0-9]{1,9})\.([0-9]{1,9})(?:\.([0-9]{1,9}))?(-[0-9A-Za-z.-]*)?(\+[0-9A-Za-z.-]*)?/
    }

    /// Why a name is none that databases can be upgraded from or to.
    package enum Refusal: Error {
        case noRelease
        case branch
        case app
        case candidate(of: SourcegraphVersion)
        case tooOld
        case unknown(SourcegraphVersion)

        /// What kind of failure that is.
        package var code: MigrationError.Code { if case .noRelease = self { .usage } else { .unmetRequirement } }

        /// Behind the name: what it is.
        package var reason: String {
            switch self {
            case .noRelease: "is not a Sourcegraph release"
            case .branch: "is a branch build, whose schema does not match any release"
            case .app: "is a version of the Sourcegraph app, whose databases the migrator does not upgrade"
            case .candidate: "is not released, and its schema may differ from that of the release"
            case .tooOld: "is older than \(SourcegraphVersion.oldest.minorName), the oldest that the migrator supports"
            case .unknown: "is not a known release; known releases: \(SourcegraphReleases.text)"
            }
        }

        /// What to do about a release of the source.
        package var nextForSource: String {
            switch self {
            case .noRelease: "Write the source's release as numbers, such as 5.1.8."
            case .branch: "Upgrade the source to a release first, and dump it again."
            case .app: "Use the release of a self-hosted instance, such as 5.1.8."
            case .candidate(let release):
                "Upgrade the source to \(release) or newer first, and dump it again."
            case .tooOld:
                "Upgrade the source to \(SourcegraphVersion.oldest.minorName) or newer first, and dump it again."
            case .unknown: Self.nextForUnknown
            }
        }

        /// What to do about a release that somebody has chosen.
        var nextForChoice: String {
            switch self {
            case .candidate(let release): "Choose a release, such as \(release) once it is out."
            case .unknown: Self.nextForUnknown
            default: "Write the release as numbers, such as 5.1.8."
            }
        }

        private static let nextForUnknown =
            "Check the number. A newer mi-migrate may know newer releases."
    }
}
