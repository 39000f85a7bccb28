extension Finding {
    /// Whether Cloud SQL can have the extensions of a database; for one that is there and for a dump of it alike.
    static func extensions(_ extensions: [RequiredExtension], in place: String) -> [Finding] {
        let name = "extensions"
        let found = extensions.compactMap { one -> Finding? in
            let shown = one.name.printable
            if let refusal = CloudSQLRules.refusal(ofExtension: one.name, in: one.schema) {
                return Finding(
                    name, in: place, .fail, "The extension \(shown) cannot be imported.", remedy: refusal.printable)
            }
            guard CloudSQLExtensions.availability(of: one.name) == .unknown else { return nil }
            return Finding(
                name, in: place, .warn, "The extension \(shown) is not one that Cloud SQL is known to offer.",
                remedy: "Check Google's list of extensions for Cloud SQL; `mi-migrate plan` asks the instance itself.")
        }
        guard found.isEmpty else { return found }
        let names = extensions.map(\.name.printable).joined(separator: ", ")
        return [Finding(name, in: place, .pass, names.isEmpty ? "It needs no extensions." : "Cloud SQL has \(names).")]
    }
}
