import ArgumentParser
import MigrationKitCLibrary
import MigrationKitCommandSupport

/// Asks a person before something is destroyed.
enum Confirmation {
    /// Asks before databases are dropped for an import. Those of a finished migration are dropped for nothing but their
    /// server's name.
    ///
    /// - Parameters:
    ///   - plan: What would be dropped.
    ///   - yes: Whether it was agreed to already.
    ///   - name: What was given for the server's name; nil: nothing.
    static func given(for plan: ImportPlan, yes: Bool, name: String?) throws -> Bool {
        let fate = plan.dropped.isEmpty ? "would be created" : "would be dropped"
        guard let live = plan.live else { return try given(yes: yes, plan.server, fate) }
        if let name { return name == plan.server }
        do { return try given(yes: false, plan.server, "would be dropped") } catch var error as MigrationError {
            error.details.append(live)
            error.next =
                "If that is what you want, add --start-over and --confirm=\(plan.server); --yes is not enough. "
                + "Nothing was changed."
            throw error
        }
    }

    /// Help for the option that takes the server's name.
    static let nameHelp = ArgumentHelp(
        "Drop the databases of a finished migration without asking: the destination's name.", valueName: "name")

    /// - Parameters:
    ///   - yes: Whether it was agreed to already.
    ///   - server: What has to be typed.
    ///   - fate: What would become of its databases.
    static func given(yes: Bool, _ server: String, _ fate: String) throws -> Bool {
        try given(yes: yes, server, fate: "The databases of \(server) \(fate)")
    }

    /// - Parameters:
    ///   - yes: Whether it was agreed to already.
    ///   - server: What has to be typed.
    ///   - fate: What would happen, as a sentence without its end.
    static func given(yes: Bool, _ server: String, fate: String) throws -> Bool {
        if yes { return true }
        guard isatty(STDIN_FILENO) == 1,
            // A question that nobody sees gets no answer.
            StandardStream.errors.write("To continue, type the server's name (\(server)): ", terminator: "")
        else {
            throw MigrationError(
                .usage, "\(fate), and there is no terminal to confirm that on.",
                next: "If that is what you want, add --yes. Nothing was changed.")
        }
        return try Question.line() == server
    }
}
