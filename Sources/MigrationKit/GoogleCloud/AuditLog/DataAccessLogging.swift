/// Whether a project's policy has who reads and writes its objects written down. Google leaves that off.
package struct DataAccessLogging: Sendable, Hashable, Encodable {
    /// Whether reads and lists are (`DATA_READ`).
    package var reads = false
    /// Whether creating and deleting are (`DATA_WRITE`).
    package var writes = false
    /// Members whose access is not, for some of it.
    package var exempted: [String] = []

    /// Reads what `projects.getIamPolicy` answers.
    init(policy: JSONValue) {
        var exempted = Set<String>()
        for config in policy["auditConfigs"]?.elements ?? []
        where ["storage.googleapis.com", "allServices"].contains(config["service"]?.text) {
            for log in config["auditLogConfigs"]?.elements ?? [] {
                switch log["logType"]?.text {
                case "DATA_READ": reads = true
                case "DATA_WRITE": writes = true
                default: continue
                }
                exempted.formUnion(log["exemptedMembers"]?.elements?.compactMap(\.text) ?? [])
            }
        }
        self.exempted = exempted.sorted()
    }

    /// What an audit of a project does not show because of it, a sentence each.
    package func gaps(in project: String) -> [String] {
        let off = [reads ? nil : "DATA_READ", writes ? nil : "DATA_WRITE"].compactMap(\.self)
        var gaps: [String] = []
        if !off.isEmpty {
            gaps.append(
                "The policy of \(project) has no data access logs of \(off.joined(separator: " and ")) for "
                    + "storage.googleapis.com. Unless a folder or the organization above it enables them, such accesses "
                    + "were not logged. To log them from now on, see Examples/terraform/project.")
        }
        if !exempted.isEmpty {
            gaps.append(
                "The policy of \(project) exempts some members from its logs: \(exempted.joined(separator: ", ")). "
                    + "Their accesses are not shown.")
        }
        return gaps
    }
}
