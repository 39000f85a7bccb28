/// What somebody, a database or a dump says is the release that databases are of.
struct ToldRelease {
    /// As it was told.
    let text: String
    /// Who says so, for messages.
    let teller: String
    /// Whether it comes from the table `versions`: there the migrator's `upgrade` has written any patch as 0.
    private let isStored: Bool
    private let version: SourcegraphVersion?

    init(_ text: String, by teller: String, isStored: Bool = false) {
        (self.text, self.teller, self.isStored) = (text, teller, isStored)
        version = SourcegraphVersion(text)
    }

    /// Whether both can be right.
    func agrees(with other: ToldRelease) -> Bool {
        version == other.version || stands(for: other) || other.stands(for: self)
    }

    /// 5.1.0 of the table `versions` stands for each 5.1.
    private func stands(for other: ToldRelease) -> Bool {
        isStored && version?.patch == 0 && version == other.version?.minorRelease
    }

    /// That of several which all agree: the one with the patch.
    static func mostExact(_ told: [ToldRelease]) -> String {
        (told.first { $0.version.map { $0.patch > 0 } ?? false } ?? told[0]).text
    }

    /// Whether databases that are of a release are at the target, as far as `upgrade` has anything to do with it, though
    /// somebody tells that they began before that.
    static func isDone(_ stored: String, _ told: [ToldRelease], _ target: String) -> Bool {
        guard let minor = SourcegraphVersion(target)?.minorRelease else { return false }
        let minors = told.compactMap { $0.version?.minorRelease }
        return SourcegraphVersion(stored)?.minorRelease == minor && minors.contains { $0 < minor }
    }
}
