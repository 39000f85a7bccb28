extension Finding {
    /// Whether Cloud SQL can have the extensions of a database; for one that is there and for a dump of it alike.
    ///
    /// - Parameter isRelocatable: Whether one can be moved to another schema; nil: nobody knows.
    static func extensions(
        _ extensions: [RequiredExtension], in place: String, isRelocatable: (String) -> Bool? = { _ in nil }
    ) -> [Finding] {
        let name = "extensions"
        let found = extensions.compactMap { one -> Finding? in
            let shown = one.name.printable
            if let refusal = CloudSQLExtensions.refusal(of: one, isRelocatable: isRelocatable(one.name)) {
                return Finding(
                    name, in: place, .fail, "The extension \(shown) cannot be imported.", remedy: refusal.printable)
            }
            guard CloudSQLExtensions.availability(of: one.name) == .unknown,
                !CloudSQLExtensions.isLeftBehind(one.name)
            else { return nil }
            return Finding(
                name, in: place, .warn, "The extension \(shown) is not known to be available in Cloud SQL.",
                remedy: "Check Google's list of extensions for Cloud SQL. `mi-migrate plan` tries it on the instance "
                    + "itself.")
        }
        guard found.isEmpty else { return found }
        func names(_ some: [RequiredExtension]) -> String { some.map(\.name.printable).joined(separator: ", ") }
        let needed = extensions.filter { !CloudSQLExtensions.isLeftBehind($0.name) }
        let all = needed.count == 1 ? "The extension is" : "All \(needed.count) extensions are"
        let left = names(extensions.filter { CloudSQLExtensions.isLeftBehind($0.name) })
        return [
            Finding(
                name, in: place, .pass,
                (needed.isEmpty ? "It needs no extensions." : "\(all) available in Cloud SQL: \(names(needed)).")
                    + (left.isEmpty ? "" : " Not imported, because they belong to the source: \(left)."))
        ]
    }
}
