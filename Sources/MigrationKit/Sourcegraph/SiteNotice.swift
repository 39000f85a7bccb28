/// The notice at the top of every page, kept in the instance's global settings, that a migration is under way.
///
/// It is in the database, so it travels in the dump: it has to be taken down on the migrated instance, too. Entries of
/// `notices` have no room for a mark of ours; the notice is told by its text.
///
/// Source: Sourcegraph 5.1.8, schema/settings.schema.json and cmd/frontend/graphqlbackend/settings_mutation.go.
public struct SiteNotice: Sendable {
    /// What the runbook of managed instances says.
    public static let migrationMessage =
        "🚨 A Sourcegraph instance migration is underway - changes to configuration might not be persisted, and "
        + "performance may be affected, until the migration is finalized."

    /// The instance.
    public var instance: SourcegraphInstance
    /// What the notice says.
    public var message: String
    /// Is told what happens meanwhile.
    public var onEvent: MigrationEventHandler

    /// What came of it.
    public struct Outcome: Sendable, Encodable {
        /// Whether the notice is there now.
        public var isShown: Bool
        /// Whether that is so because of us.
        public var hasChanged: Bool
        /// How many other notices there are.
        public var others: Int
    }

    private static let attempts = 5

    /// Names an instance and a message; see the properties.
    public init(
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
    public func status() async throws -> Outcome {
        outcome(try await GlobalSettings(of: instance), hasChanged: false)
    }

    /// Puts the notice up, unless it is there.
    ///
    /// - Throws: ``MigrationError`` if the settings cannot be read or edited, or do not hold it afterwards.
    public func add() async throws -> Outcome {
        try await edit(until: true) { settings in
            let entry: JSONValue = ["message": .string(message), "location": "top", "dismissible": false]
            let array = settings.text.array("notices")
            if let array, settings.text.hasComments(in: array.range) {
                let behindTheLast: JSONValue = ["index": -1]
                return .edit(path: [["property": "notices"], behindTheLast], value: entry)
            }
            let others = settings.value["notices"]?.elements ?? []
            return .edit(path: [["property": "notices"]], value: .array(others + [entry]))
        }
    }

    /// Takes the notice down, wherever and how often it is there.
    ///
    /// - Throws: ``MigrationError`` if the settings cannot be read or edited, or still hold it afterwards.
    public func remove() async throws -> Outcome {
        try await edit(until: false) { settings in
            let notices = settings.value["notices"]?.elements ?? []
            let text = settings.text
            if let array = text.array("notices"), array.elements.count == notices.count,
                text.hasComments(in: array.range)
            {
                let ours = Set(notices.indices.filter { isOurs(notices[$0]) })
                return .overwrite(text.removing(ours, of: array))
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
            if (count(settings) > 0) == isShown { return outcome(settings, hasChanged: hasChanged) }
            let before = settings
            let wasTaken = try await settings.write(try change(settings), of: instance)
            // Neither an answer without errors nor one with them says what the settings are now.
            settings = try await GlobalSettings(of: instance)
            if !wasTaken || settings.id == before.id {
                onEvent(.notice("Somebody else is editing the global settings; trying again."))
                continue
            }
            hasChanged = true
            try checkOthers(before, settings)
        }
        if (count(settings) > 0) == isShown { return outcome(settings, hasChanged: hasChanged) }
        throw MigrationError(
            .failed,
            "The global settings of \(instance.client.access.name) change all the time: the notice could "
                + "not be \(isShown ? "put up" : "taken down").",
            next: "See who edits them, then run the same command again.")
    }

    /// What is not ours has to be as it was, unless somebody else has edited it in the same moment. Rows of other
    /// users' settings are numbered with these, so a gap says nothing for certain.
    private func checkOthers(_ before: GlobalSettings, _ after: GlobalSettings) throws {
        guard others(before) != others(after) else { return }
        guard after.id == before.id.map({ $0 + 1 }) else {
            return onEvent(.warning("Somebody else has edited the global settings in the same moment."))
        }
        throw MigrationError(
            .failed, "After the edit, other settings of \(instance.client.access.name) are not as they were.",
            next: "Look at the global settings (Site admin, Global settings); their history holds what they were.")
    }

    private func others(_ settings: GlobalSettings) -> JSONValue {
        guard case .object(var members) = settings.value else { return settings.value }
        let notices = (members["notices"]?.elements ?? []).filter { !isOurs($0) }
        members["notices"] = notices.isEmpty ? nil : .array(notices)
        return .object(members)
    }

    private func isOurs(_ notice: JSONValue) -> Bool { notice["message"]?.text == message }

    private func count(_ settings: GlobalSettings) -> Int {
        (settings.value["notices"]?.elements ?? []).count { isOurs($0) }
    }

    private func outcome(_ settings: GlobalSettings, hasChanged: Bool) -> Outcome {
        let all = settings.value["notices"]?.elements?.count ?? 0
        let ours = count(settings)
        return Outcome(isShown: ours > 0, hasChanged: hasChanged, others: all - ours)
    }
}
