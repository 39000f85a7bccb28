/// The notice at the top of every page, kept in the instance's global settings, that a migration is under way.
///
/// It is in the database, so it travels in the dump: it has to be taken down on the migrated instance, too. Entries of
/// `notices` have no room for a mark of ours; the notice is told by its text.
///
/// Source: Sourcegraph 5.1.8, schema/settings.schema.json and cmd/frontend/graphqlbackend/settings_mutation.go.
package struct SiteNotice: Sendable {
    /// What the runbook of managed instances says.
    package static let migrationMessage =
        "🚨 A Sourcegraph instance migration is underway - changes to configuration might not be persisted, and "
        + "performance may be affected, until the migration is finalized."

    /// The instance.
    package var instance: SourcegraphInstance
    /// What the notice says.
    package var message: String
    /// Is told what happens meanwhile.
    package var onEvent: MigrationEventHandler

    /// What came of it.
    package struct Outcome: Sendable, Encodable {
        /// Whether the notice is there now.
        package var isShown: Bool
        /// Whether that is so because of us.
        package var hasChanged: Bool
        /// How many other notices there are.
        package var others: Int
    }

    private static let attempts = 5

    /// Names an instance and a message; see the properties.
    package init(
        _ instance: SourcegraphInstance, message: String = Self.migrationMessage,
        onEvent: @escaping MigrationEventHandler = { _ in }
    ) {
        self.instance = instance
        self.message = message
        self.onEvent = onEvent
    }

    /// Looks whether the notice is there.
    ///
    /// - Throws: ``MigrationError`` if the settings cannot be read.
    package func status() async throws -> Outcome {
        outcome(try await GlobalSettings(of: instance), hasChanged: false)
    }

    /// Puts the notice up, unless it is there.
    ///
    /// - Throws: ``MigrationError`` if the settings cannot be read or edited, or do not hold it afterwards.
    package func add() async throws -> Outcome {
        try await edit(until: true) { settings in
            let entry: JSONValue = ["message": .string(message), "location": "top", "dismissible": false]
            if settings.text.array("notices") != nil {
                let behindTheLast: JSONValue = ["index": -1]
                return .edit(path: [["property": "notices"], behindTheLast], value: entry)
            }
            return .edit(path: [["property": "notices"]], value: .array([entry]))
        }
    }

    /// Takes the notice down, wherever and how often it is there.
    ///
    /// - Throws: ``MigrationError`` if the settings cannot be read or edited, or still hold it afterwards.
    package func remove() async throws -> Outcome {
        try await edit(until: false) { settings in
            let notices = settings.value["notices"]?.elements ?? []
            let text = settings.text
            if let array = text.array("notices"), array.elements.count == notices.count {
                let ours = Set(notices.indices.filter { isOurs(notices[$0]) })
                let without = text.removing(ours, of: array)
                // What is about to replace all settings is read before it is sent.
                if let read = try? SettingsText(without).value, others(read) == others(settings.value), count(read) == 0
                {
                    return .overwrite(without)
                }
            }
            // In place and never as a whole property: comments before and behind it would go with it.
            return .edit(path: [["property": "notices"]], value: .array(notices.filter { !isOurs($0) }))
        }
    }

    // MARK: Edits

    private func edit(
        until isShown: Bool, _ change: (GlobalSettings) throws -> GlobalSettings.Change
    ) async throws -> Outcome {
        var settings = try await GlobalSettings(of: instance)
        var hasChanged = false
        for _ in 1...Self.attempts {
            if (count(settings.value) > 0) == isShown { return outcome(settings, hasChanged: hasChanged) }
            try requireList(settings)
            let before = settings
            let change = try change(before)
            let wasTaken = try await before.write(change, of: instance)
            // Neither an answer without errors nor one with them says what the settings are now.
            settings = try await GlobalSettings(of: instance)
            if !wasTaken || !settings.hasTaken(change, of: before) {
                onEvent(
                    .notice(
                        .init(
                            .settingsConflict, "Somebody else is editing the global settings; trying again.",
                            ["settings": "global"])))
                continue
            }
            hasChanged = true
            try checkOthers(before, settings)
        }
        if (count(settings.value) > 0) == isShown { return outcome(settings, hasChanged: hasChanged) }
        throw MigrationError(
            .failed,
            "The global settings of \(instance.client.access.name) keep changing: the notice could "
                + "not be \(isShown ? "put up" : "taken down").",
            next: "Find out who is editing them, then run the same command again.")
    }

    /// What else may stand under `notices` would be lost with an edit, and of two of them nobody can tell the right one.
    private func requireList(_ settings: GlobalSettings) throws {
        let isList =
            switch settings.value["notices"] {
            case nil, .null?, .array?: true
            default: false
            }
        if isList, settings.text.count(of: "notices") <= 1 { return }
        let problem = isList ? "have `notices` more than once" : "have a value of `notices` that is not a list"
        throw MigrationError(
            .failed, "The global settings of \(instance.client.access.name) \(problem).",
            next: "Fix them first: Site admin, Global settings.")
    }

    /// What is not ours has to be as it was, unless somebody else has edited it in the same moment. Rows of other
    /// users' settings are numbered with these, so a gap says nothing for certain.
    private func checkOthers(_ before: GlobalSettings, _ after: GlobalSettings) throws {
        guard others(before.value) != others(after.value) else { return }
        guard after.id == before.id.map({ $0 &+ 1 }) else {
            return onEvent(
                .warning(
                    .init(
                        .settingsEditedByOthers, "Somebody else edited the global settings at the same time.",
                        ["settings": "global"])))
        }
        throw MigrationError(
            .failed, "After the edit, other global settings of \(instance.client.access.name) have changed, too.",
            next: "Check the global settings and their history: Site admin, Global settings.")
    }

    private func others(_ settings: JSONValue) -> JSONValue {
        guard case .object(var members) = settings else { return settings }
        let notices = (members["notices"]?.elements ?? []).filter { !isOurs($0) }
        members["notices"] = notices.isEmpty ? nil : .array(notices)
        return .object(members)
    }

    private func isOurs(_ notice: JSONValue) -> Bool { notice["message"]?.text == message }

    private func count(_ settings: JSONValue) -> Int {
        (settings["notices"]?.elements ?? []).count { isOurs($0) }
    }

    private func outcome(_ settings: GlobalSettings, hasChanged: Bool) -> Outcome {
        let all = settings.value["notices"]?.elements?.count ?? 0
        let ours = count(settings.value)
        return Outcome(isShown: ours > 0, hasChanged: hasChanged, others: all - ours)
    }
}
