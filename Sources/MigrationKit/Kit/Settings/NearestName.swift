/// What somebody may have meant who has written something that is not known.
package enum NearestName {
    /// The known name that takes the fewest changes to come to, if there are few enough to be typing errors.
    ///
    /// - Parameters:
    ///   - text: What was written.
    ///   - names: What is known.
    package static func of(_ text: String, among names: [String]) -> String? {
        // Longer ones are no typing errors, and would take long.
        guard text.count <= 64 else { return nil }
        let written = text.lowercased()
        let nearest = names.map { (name: $0, distance: distance(written, $0)) }.min { $0.distance < $1.distance }
        guard let nearest, nearest.distance <= max(2, nearest.name.count / 3) else { return nil }
        return nearest.name
    }

    /// How many characters have to be added, taken away or replaced, or swapped with the next one.
    static func distance(_ left: String, _ right: String) -> Int {
        let (left, right) = (Array(left), Array(right))
        var rows = [Array(0...right.count)]
        for i in left.indices {
            var row = [i + 1]
            for j in right.indices {
                var cost = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (left[i] == right[j] ? 0 : 1))
                if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                    cost = min(cost, rows[i - 1][j - 1] + 1)
                }
                row.append(cost)
            }
            rows.append(row)
        }
        return rows[left.count][right.count]
    }
}
