import ArgumentParser
import MigrationKitCommandSupport

/// What a snapshot may lack: for `run` and `upload`.
struct GapOptions: ParsableArguments {
    @Option(
        name: .goStyle("without-database"),
        help: ArgumentHelp(
            "Databases that the instance does not have, such as codeinsights if it is disabled (default: those that its "
                + "release never had).", valueName: "databases"))
    var withoutDatabase: DatabaseList?

    @Option(
        name: .goStyle("incomplete"),
        help: ArgumentHelp(
            "Take databases that lack rows, tables or indexes, and record why: --incomplete='REASON'.",
            valueName: "reason"))
    var incomplete: String?

    func validate() throws {
        if incomplete?.contains(where: { $0.isLetter }) == false {
            throw ValidationError("--incomplete needs a reason.")
        }
        if withoutDatabase?.databases.contains(.primary) == true {
            throw ValidationError("--without-database cannot include primary: every instance has it.")
        }
    }

    /// The databases that the instance does not have.
    var absent: Set<Database> { Set(withoutDatabase?.databases ?? []) }
}
