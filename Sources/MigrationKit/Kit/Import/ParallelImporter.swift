/// An importer that loads several databases at once, and several parts of one.
package protocol ParallelImporter: DatabaseImporter {
    /// How many sessions load or read back at once.
    var jobs: Int { get }

    /// Who has said so, in a few words: `--jobs`.
    var jobsOrigin: String { get }

    /// Whose turn it is: each load takes one. Reading back and building indexes take theirs themselves, one for each
    /// session.
    var turns: Turns { get }

    /// What the parts that are in a database have noted of themselves; nil: it has no table of them, before the first and
    /// behind the last.
    func notedParts(in database: Database) async throws -> [PartNote]?
}
