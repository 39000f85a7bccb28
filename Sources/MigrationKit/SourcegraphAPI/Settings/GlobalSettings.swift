/// An instance's global settings as they are at a moment, and how they are changed.
struct GlobalSettings: Sendable {
    /// The number of the row that holds them; nil as long as nobody has ever written any.
    let id: Int?
    /// Their text.
    let text: SettingsText
    /// All of them, read.
    var value: JSONValue { text.value }

    private let subject: String
    private let isEditable: Bool
    private let place: String

    /// A change of the settings.
    enum Change {
        /// Sets what is at a path, and leaves all else byte for byte.
        case edit(path: [JSONValue], value: JSONValue)
        /// Another text.
        case overwrite(String)
    }

    /// Whether a change, of settings that have been read before, may be in these. An instance that is told to overwrite
    /// and has something newer keeps that, and says nothing.
    func hasTaken(_ change: Change, of before: GlobalSettings) -> Bool {
        guard id != before.id else { return false }
        if case .overwrite(let written) = change { return text.text == written }
        return true
    }

    private struct Answer: Decodable, Sendable {
        var site: Site
        struct Site: Decodable {
            var id: String
            var viewerCanAdminister: Bool
            var latestSettings: Settings?
        }
        struct Settings: Decodable {
            var id: Int
            var contents: String
        }
    }

    /// Reads them.
    init(of instance: SourcegraphInstance) async throws {
        let query = GraphQLQuery(
            "GlobalSettings", "", "site { id viewerCanAdminister latestSettings { id contents } }")
        let site = try await instance.ask(query, as: Answer.self, "Reading the global settings").site
        (subject, isEditable, place) = (site.id, site.viewerCanAdminister, instance.client.access.name)
        id = site.latestSettings?.id
        text = try SettingsText(site.latestSettings?.contents ?? "")
    }

    /// Writes a change of these settings, unless somebody else was faster.
    ///
    /// - Returns: Whether the instance has taken it, as far as it says; one that overwrites and comes too late is
    ///   answered as if it had been.
    /// - Throws: ``MigrationError`` if whoever asks may not edit them, or nobody can over the API.
    func write(_ change: Change, of instance: SourcegraphInstance) async throws -> Bool {
        guard isEditable else {
            throw MigrationError(
                .unmetRequirement, "The access token is not allowed to edit the global settings of \(place).",
                next: "Use a site admin's token.")
        }
        let input: JSONValue = .object(["subject": .string(subject), "lastID": id.map { .number(Double($0)) } ?? .null])
        let query: GraphQLQuery
        switch change {
        case .edit(let path, let value):
            query = GraphQLQuery(
                name: "EditSettings",
                text: """
                    mutation EditSettings($input: SettingsMutationGroupInput!, $edit: SettingsEdit!) \
                    { settingsMutation(input: $input) { editSettings(edit: $edit) { empty { alwaysNil } } } }
                    """,
                variables: ["input": input, "edit": .object(["keyPath": .array(path), "value": value])])
        case .overwrite(let text):
            query = GraphQLQuery(
                name: "OverwriteSettings",
                text: """
                    mutation OverwriteSettings($input: SettingsMutationGroupInput!, $contents: String!) \
                    { settingsMutation(input: $input) { overwriteSettings(contents: $contents) { empty { alwaysNil } } } }
                    """,
                variables: ["input": input, "contents": .string(text)])
        }
        do {
            let what = "Editing the global settings"
            _ = try await instance.answer(query, as: JSONValue.self, what)
            return true
        } catch let errors as GraphQLErrors {
            if errors.messages.contains(where: { $0.contains("version mismatch") }) { return false }
            if errors.messages.contains(where: { $0.contains("GLOBAL_SETTINGS_FILE") }) { throw fromFile }
            throw errors.error("Editing the global settings")
        }
    }

    /// An instance whose settings come from a file forgets at its next start what was edited.
    private var fromFile: MigrationError {
        MigrationError(
            .unmetRequirement,
            "The global settings of \(place) come from a file (GLOBAL_SETTINGS_FILE), so the API cannot edit them.",
            next: "Change `notices` in that file by hand, or set GLOBAL_SETTINGS_ALLOW_EDITS=true on the frontend; "
                + "`src-snapshot notice status` shows whether the notice is up.")
    }
}
