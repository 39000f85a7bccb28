/// Why docker or docker-compose did not do what it was told, where its words tell: before any container began.
struct DockerFailure: Sendable, Hashable {
    enum Kind: Sendable {
        /// Its daemon does not answer.
        case noDaemon
        /// The registry does not have the image, or does not hand it over.
        case imageRefused
        /// The registry could not be reached, or broke off.
        case registryUnreachable
    }

    let kind: Kind
    /// Docker's own words, one line.
    let sentence: String

    /// - Parameter line: What it has written.
    /// - Returns: Nil if the line tells of none of these.
    init?(_ line: String) {
        let text = line.lowercased()
        func says(_ words: [String]) -> Bool { words.contains { text.contains($0) } }
        if says(Self.daemon) {
            kind = .noDaemon
        } else if says(Self.refusals) {
            kind = .imageRefused
        } else if says(Self.registry) || text.firstMatch(of: Self.registryRequest) != nil {
            kind = .registryUnreachable
        } else {
            return nil
        }
        sentence = line
    }

    /// The last of some lines that tells why.
    static func last(of lines: [String]) -> DockerFailure? {
        lines.reversed().lazy.compactMap { DockerFailure($0) }.first
    }

    private static let daemon = [
        "cannot connect to the docker daemon", "couldn't connect to docker daemon", "is the docker daemon running",
        "permission denied while trying to connect to the docker",
    ]
    private static let refusals = [
        "pull access denied", "manifest unknown", "no matching manifest", "unauthorized: authentication required",
        "requested access to the resource is denied", "unauthorized: incorrect username or password",
    ]
    private static let registry = [
        "error pulling image", "failed to resolve reference", "toomanyrequests", "pull rate limit",
        "failed to register layer", "registry-1.docker.io", "auth.docker.io", "index.docker.io/v",
        "production.cloudflare.docker.com",
    ]
    /// `Get "https://gcr.io/v2/": dial tcp: …`.
    private static var registryRequest: Regex<Substring> { /(?:get|head) "?https?:\/\/[^ "]+\/v[12]\// }

    /// What to do next.
    ///
    /// - Parameter pull: What gets the image by hand.
    static func next(_ kind: Kind, pulling pull: String = "docker pull") -> String {
        switch kind {
        case .noDaemon:
            "Start docker on the instance's machine (`sudo systemctl start docker`), then run the same command again."
        case .imageRefused:
            "The registry does not have that image, or the machine may not pull it: check `\(pull)` there. Then run the "
                + "same command again."
        case .registryUnreachable:
            "The machine cannot get the image from the registry: check its network and proxy with `\(pull)` there. Then "
                + "run the same command again."
        }
    }
}
