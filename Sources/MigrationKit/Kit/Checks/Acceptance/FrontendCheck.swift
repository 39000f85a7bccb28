/// Whether an instance's frontend answers, and is of the release that the instance is set up to run.
struct FrontendCheck {
    let client: SourcegraphClient
    /// The release that it shall be, as its image is tagged; nil: nobody can tell.
    let release: String?

    static let place = "instance"

    /// Looks.
    ///
    /// - Returns: The finding, and the instance if it has answered.
    /// - Throws: `CancellationError` alone.
    func look() async throws -> (Finding, SourcegraphInstance?) {
        do {
            let instance = try await SourcegraphInstance(client)
            try instance.requireSiteAdmin()
            return (finding(instance), instance)
        } catch let error as MigrationError {
            try Task.checkCancellation()
            var finding = Finding("frontend", in: Self.place, error)
            finding.mayClear = error.mayClear
            return (finding, nil)
        }
    }

    private func finding(_ instance: SourcegraphInstance) -> Finding {
        let name = client.access.name
        let found = "\(name) runs Sourcegraph \(instance.productVersion.printable)"
        guard let release, let wanted = SourcegraphVersion(release), let version = instance.version else {
            let isNamed = release.map { instance.productVersion.contains($0) } ?? false
            return Finding(
                "frontend", in: Self.place, isNamed ? .pass : .warn,
                isNamed ? "\(found)." : "\(found), but the release that it is configured for is unknown.",
                remedy: isNamed ? nil : "Compare it with the image's tag in docker-compose.yaml.")
        }
        if wanted == version { return Finding("frontend", in: Self.place, .pass, "\(found).") }
        return Finding(
            "frontend", in: Self.place, .fail, "\(found), but it is configured for \(wanted), like its databases.",
            remedy:
                "Check that SRC_ENDPOINT is the migrated instance. If it is, `mi-migrate start` brings its containers to "
                + "that release.", mayClear: true)
    }
}
