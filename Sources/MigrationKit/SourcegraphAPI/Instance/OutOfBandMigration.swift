/// A migration of data that goes on while the instance runs.
package struct OutOfBandMigration: Decodable, Sendable {
    var id: String
    package var description: String
    /// The release that began it: `3.25`, or `3.25.0`.
    var introduced: String
    /// The release from which on it has to be finished; nil: none yet.
    package var deprecated: String?
    /// From 0 to 1.
    package var progress: Double
    /// Whether it goes back, for a downgrade.
    var applyReverse: Bool
    package var errors: [Message]

    package struct Message: Decodable, Sendable { package var message: String }

    /// Whether it is where it has to be.
    package var isFinished: Bool { applyReverse ? progress <= 0 : progress >= 1 }
}

extension SourcegraphInstance {
    /// Reads the out-of-band migrations; those that were over before the instance was first set up do not count.
    package func outOfBandMigrations() async throws -> [OutOfBandMigration] {
        struct Answer: Decodable, Sendable { var outOfBandMigrations: [OutOfBandMigration] }
        let argument = api >= .leavesOutOldMigrations ? "(ExcludeDeprecatedBeforeFirstVersion: true)" : ""
        let query = GraphQLQuery(
            "OutOfBandMigrations", "",
            """
            outOfBandMigrations\(argument) \
            { id description introduced deprecated progress applyReverse errors { message } }
            """)
        return try await ask(query, as: Answer.self, "The out-of-band migrations").outOfBandMigrations
    }
}

extension SourcegraphVersion {
    /// The first with out-of-band migrations.
    package static let hasOutOfBandMigrations = SourcegraphVersion(3, 25)
    /// The first that can leave out those of the time before it was set up.
    static let leavesOutOldMigrations = SourcegraphVersion(5, 8)
    /// The first that lists how its schemas differ from what they should be.
    package static let tellsSchemaDrift = SourcegraphVersion(5, 1)
}
