/// Holds a migrated instance against the summary of the one that it came from. As sets: the order of what an instance
/// lists differs from release to release.
struct SummaryComparison {
    /// The instance that it came from.
    let expected: SnapshotSummary
    /// The migrated one.
    let found: SnapshotSummary

    /// What came of it.
    var findings: [Finding] {
        [version, siteID, codeHosts, authProviders, counts].compactMap(\.self)
    }

    private func finding(
        _ name: String, _ verdict: Finding.Verdict, _ reason: String, _ details: [String] = [], remedy: String? = nil,
        mayClear: Bool = false
    ) -> Finding {
        Finding(
            name, in: "summary", verdict, reason, details: FirstLines(details).text, remedy: remedy, mayClear: mayClear)
    }

    // MARK: Version and id

    private var version: Finding? {
        guard let before = expected.instance?.productVersion, let now = found.instance?.productVersion else {
            return nil
        }
        guard let old = SourcegraphVersion(before), let new = SourcegraphVersion(now) else {
            return finding("version", .warn, "\(now.printable); it was \(before.printable).")
        }
        if new < old {
            return finding(
                "version", .fail, "\(new) is older than \(old), which the databases come from.",
                remedy: "Upgrade the instance to \(old) or later: older code does not support newer schemas.")
        }
        return finding("version", .pass, new == old ? "\(new), as before." : "\(new), upgraded from \(old).")
    }

    private var siteID: Finding? {
        guard let now = found.instance?.siteID else { return nil }
        guard let before = expected.instance?.siteID else {
            return finding(
                "site-id", .warn,
                "The summary was written by `src`, so it has no site ID, release or counts: another instance with the "
                    + "same code hosts would look the same.",
                remedy: "Create it with `src-snapshot summary`, while the customer's instance is still running.")
        }
        if before == now { return finding("site-id", .pass, "The site ID is the same.") }
        return finding(
            "site-id", .fail, "The site ID is \(now.printable); it was \(before.printable).",
            remedy: "The databases are not those of the snapshot, or the instance created new ones: check what it is "
                + "connected to.")
    }

    // MARK: Code hosts

    private var codeHosts: Finding {
        let kinds = Dictionary(found.externalServices.map { ($0.id, $0.kind) }) { first, _ in first }
        let known = Set(expected.externalServices.map(\.id))
        var faults: [String] = []
        var gone: [String] = []
        for service in expected.externalServices where kinds[service.id] != service.kind {
            if let kind = kinds[service.id] {
                faults.append("\(service.id) is \(kind) and was \(service.kind)")
            } else if isGone(service.kind) {
                gone.append("\(service.kind) \(service.id)")
            } else {
                faults.append("\(service.kind) \(service.id) is missing")
            }
        }
        for service in found.externalServices where !known.contains(service.id) {
            faults.append("\(service.kind) \(service.id) is new")
        }
        guard faults.isEmpty else {
            return finding(
                "code-hosts", .fail,
                "\(faults.count) code host connections differ.", faults,
                remedy: "Check that the databases are those of the snapshot, and who has edited code hosts since.")
        }
        let all = "All \(expected.externalServices.count - gone.count) code host connections are there"
        if gone.isEmpty { return finding("code-hosts", .pass, all + ".") }
        return finding(
            "code-hosts", .pass, "\(all); \(gone.count) are of kinds that this release no longer has.",
            gone.map { "\($0) is gone, as expected" })
    }

    /// Kinds that releases have dropped: packages with 6.2, local repositories after 5.1.
    private func isGone(_ kind: String) -> Bool {
        guard let version = found.instance.flatMap({ SourcegraphVersion($0.productVersion) }) else { return false }
        let isPackages = kind.hasSuffix("PACKAGES") || kind == "GOMODULES"
        return (isPackages && version >= SourcegraphVersion(6, 2))
            || (kind == "LOCALGIT" && version >= SourcegraphVersion(5, 2))
    }

    // MARK: Ways to log in

    private var authProviders: Finding {
        var missing = expected.authProviders
        var new: [SnapshotSummary.AuthProvider] = []
        for provider in found.authProviders {
            if let index = missing.firstIndex(of: provider) { missing.remove(at: index) } else { new.append(provider) }
        }
        var awaited: [String] = []
        var expectedDifferences: [String] = []
        missing.removeAll { provider in
            // Until an instance has fetched a provider's metadata it does not tell which one it is.
            let namesake = new.firstIndex {
                $0.serviceType == provider.serviceType && ($0.serviceID.isEmpty || provider.serviceID.isEmpty)
            }
            guard let namesake, provider.serviceType != "builtin" else { return false }
            if new.remove(at: namesake).serviceID.isEmpty { awaited.append(provider.text) }
            return true
        }
        new.removeAll { provider in
            guard let reason = Self.expectedOnes[provider.serviceType] else { return false }
            expectedDifferences.append("\(provider.text) is new, as expected: \(reason)")
            return true
        }
        let faults = missing.map { "\($0.text) is missing" } + new.map { "\($0.text) is new" }
        guard faults.isEmpty else {
            return finding(
                "auth-providers", .fail, "The auth providers differ.",
                faults + expectedDifferences,
                remedy: "Compare `auth.providers` in the site configuration with the customer's.")
        }
        guard awaited.isEmpty else {
            return finding(
                "auth-providers", .fail, "\(awaited.count) auth providers have no service ID yet.",
                awaited.map { "\($0) has an empty service ID" } + expectedDifferences,
                remedy:
                    "Wait a minute after the start. If it stays empty, the instance cannot fetch the provider's "
                    + "metadata: check that it can reach the provider.", mayClear: true)
        }
        return finding(
            "auth-providers", .pass, "All \(expected.authProviders.count) auth providers are there.",
            expectedDifferences)
    }

    /// What a managed instance adds.
    private static let expectedOnes = [
        "sourcegraph-operator": "operators of managed instances use it to log in; the login page hides it",
        "builtin": "an operator uses it to log in with a password until the migration is finished",
    ]

    // MARK: Counts

    /// How many accounts and tokens there are is changed by whoever sets the new instance up; that all rows have
    /// arrived is proven by their digests. So fewer is worth a look, and more is not.
    private var counts: Finding? {
        guard let before = expected.instance?.counts, let now = found.instance?.counts else { return nil }
        let wanted = before.keys.filter { !Self.ofThePlace.contains($0) }.sorted()
        let compared = wanted.filter { now[$0] != nil }
        let fewer = compared.filter { now[$0, default: 0] < before[$0, default: 0] }
        let unknown = wanted.filter { now[$0] == nil }
        let details =
            compared.filter { now[$0] != before[$0] }.map {
                "\($0): \(now[$0, default: 0]), \(before[$0, default: 0]) before"
            }
            + unknown.map {
                "\($0): not counted (\(found.instance?.notCounted[$0] ?? "no reason given")), "
                    + "\(before[$0, default: 0]) before"
            }
        let lost = fewer.filter { now[$0] == 0 && Self.neverAllGone.contains($0) }
        if !lost.isEmpty {
            return finding(
                "counts", .fail, "There are no \(lost.joined(separator: ", ")) anymore.", details,
                remedy: "Check which databases the instance is connected to, and whether they were imported.")
        }
        if fewer.isEmpty, !unknown.isEmpty {
            return finding(
                "counts", .warn, "These could be counted before, but not now: \(unknown.joined(separator: ", ")).",
                details, remedy: "Check that the instance shows them.", mayClear: true)
        }
        if fewer.isEmpty {
            return finding("counts", .pass, "No count has decreased.", details)
        }
        return finding(
            "counts", .warn, "There are fewer \(fewer.joined(separator: ", ")) than before.", details,
            remedy:
                "Repositories depend on code hosts, and newer releases do not count operators' accounts. Check the "
                + "rest.")
    }

    /// What no release and no move takes away altogether.
    private static let neverAllGone: Set = ["users", "organizations", "repositories", "batchChanges"]

    /// What belongs to the machines and not to the databases.
    private static let ofThePlace: Set = ["executors", "accessTokens"]
}

extension SnapshotSummary.AuthProvider {
    fileprivate var text: String { serviceID.isEmpty ? serviceType : "\(serviceType) (\(serviceID))" }
}
