/// Has operations done once, whoever dies and whatever answer is lost in between, and waits for them for as long as they
/// take.
///
/// 1. What operations there are is noted before a new one is asked for, and its name before it is waited for.
/// 2. A run that finds only the first note looks whether there is an operation of this kind that was not there before.
/// 3. An operation in the way is named and waited for.
struct CloudSQLOperations: Sendable {
    let admin: CloudSQLAdmin
    let journal: MigrationJournal
    let onEvent: MigrationEventHandler
    var timing = CloudSQLTiming()

    /// An operation that is requested.
    struct OperationRequest: Sendable {
        /// Its key in the journal; nil: it may be done twice, so nothing is noted.
        var key: JournaledOperation?
        /// What it is, for messages: `the import of primary.sql`.
        var what: String
        /// Google's word for it.
        var type: String
        /// What is imported, and where to.
        var uri: String?
        var database: String?
        /// Looks at what came of one that went well, before it counts as done.
        var check: @Sendable () async throws -> Void = {}
        /// Sends it to the server.
        var send: @Sendable () async throws -> CloudSQLOperation
    }

    /// The newest operation at some time; no name: there was none.
    private struct Newest {
        var name: String?
    }

    /// Has an operation done.
    ///
    /// - Parameter whileWaiting: Called now and then, with the operation as it is.
    /// - Returns: The operation, which has ended, well or not.
    /// - Throws: ``CloudSQLRefusal`` if it is refused for good; ``MigrationError`` with code `interrupted` if somebody
    ///   stops the waiting, which does not stop the operation.
    func perform(
        _ request: OperationRequest, whileWaiting: @escaping @Sendable (CloudSQLOperation) async -> Void = { _ in }
    ) async throws -> CloudSQLOperation {
        // Until it is known how it ends, its step has not failed, whatever goes wrong here.
        if let key = request.key { await journal.markRunning(key) }
        do {
            let operation = try await waitForEnd(of: try await findOrSubmit(request), request.what, whileWaiting)
            if operation.failure == nil { try await request.check() }
            await markEnded(request)
            return operation
        } catch let refusal as CloudSQLRefusal {
            await markEnded(request)
            throw refusal
        }
    }

    private func markEnded(_ request: OperationRequest) async {
        if let key = request.key { await journal.markEnded(key) }
    }

    /// The operation's name: an earlier run's, or a new one's.
    private func findOrSubmit(_ request: OperationRequest) async throws -> String {
        guard let key = request.key, let known = await journal.operation(key) else {
            return try await submit(request, nil)
        }
        switch known {
        case .made(let name):
            onEvent(
                .notice(
                    .init(
                        .operationFound,
                        "\(request.what.capitalizedFirst) was started by an earlier run: operation \(name.printable).",
                        ["what": .init(request.what), "operation": .init(name)])))
            return name
        case .asked(let after):
            if let found = try await waitUntilListed(request, after) { return try await record(request, found) }
            return try await submit(request, Newest(name: after))
        }
    }

    // MARK: Finding

    /// The operation that may have come of a request whose answer nobody has: it may show a little later.
    private func waitUntilListed(_ request: OperationRequest, _ after: String?) async throws -> CloudSQLOperation? {
        let deadline = ContinuousClock.now + timing.settling
        var pauses = Pauses(from: timing.firstPoll, upTo: timing.settling / 10)
        while true {
            if let found = try await find(request, after) { return found }
            guard ContinuousClock.now < deadline else { return nil }
            try await pauses.wait()
        }
    }

    /// An operation as it is requested that is newer than another, or that is not done: what has not started yet may
    /// stand anywhere in a list that is in the order of starts.
    private func find(_ request: OperationRequest, _ after: String?) async throws -> CloudSQLOperation? {
        func isRequested(_ operation: CloudSQLOperation) -> Bool {
            operation.operationType == request.type && operation.targetId ?? admin.instance == admin.instance
                && operation.importContext?.uri == request.uri
                && (request.uri == nil || operation.importContext?.database == request.database)
        }
        let all = try await admin.operations()
        let found =
            all.prefix { $0.name != after }.first(where: isRequested)
            ?? all.first { !$0.isDone && $0.name != after && isRequested($0) }
        if let found {
            onEvent(
                .notice(
                    .init(
                        .operationRunning,
                        "\(request.what.capitalizedFirst) is under way: operation \(found.name.printable).",
                        ["what": .init(request.what), "operation": .init(found.name)])))
        }
        return found
    }

    // MARK: Asking

    /// Asks until it is taken.
    ///
    /// - Parameter doubt: The newest operation before the first request that may have been taken, by an earlier run or
    ///   this one. It stays the same for as long as there is doubt: an operation that shows late is newer than it.
    /// - Returns: The operation's name.
    private func submit(_ request: OperationRequest, _ doubt: Newest?) async throws -> String {
        var doubt = doubt
        var pauses = timing.pauses
        var troubleSince: ContinuousClock.Instant?
        func isHopeless() -> Bool {
            let start = troubleSince ?? .now
            troubleSince = start
            return ContinuousClock.now - start >= timing.patience
        }
        var told: Set<String> = []
        func tellOnce(_ text: String, _ reason: String) {
            guard told.insert(text).inserted else { return }
            onEvent(
                .warning(.init(.cloudSQLWaiting, text, ["what": .init(request.what), "reason": .init(reason)])))
        }
        while true {
            if let doubt, let found = try await find(request, doubt.name) { return try await record(request, found) }
            var wanted = Duration.zero
            let newest: Newest
            if let doubt {
                newest = doubt
            } else {
                newest = Newest(name: try await admin.operations(limit: 1).first?.name)
            }
            if let key = request.key, await journal.state.operation(key) != .asked(after: newest.name) {
                try await journal.append(.asking(step: key, after: newest.name))
            }
            do {
                return try await record(request, try await request.send())
            } catch let lost as CloudSQLUnanswered {
                doubt = newest
                onEvent(
                    .warning(
                        .init(
                            .operationUnclear, "\(lost.what): \(lost.reason). Checking whether it was accepted.",
                            ["what": .init(lost.what), "reason": .init(lost.reason)])))
                if let found = try await waitUntilListed(request, newest.name) {
                    return try await record(request, found)
                }
                guard !isHopeless() else { throw gaveUp(request, lost.reason) }
                wanted = lost.retryAfter ?? .zero
            } catch let refusal as CloudSQLRefusal where refusal.isBusy {
                if let found = try await find(request, newest.name) { return try await record(request, found) }
                if try await waitForBlocker() {
                    // That was nobody's trouble, however long it took.
                    (troubleSince, pauses) = (nil, timing.pauses)
                } else {
                    guard !isHopeless() else { throw refusal }
                    tellOnce(
                        "\(refusal.what) has to wait: \(refusal.google.message) Retrying.", refusal.google.message)
                }
            } catch let refusal as CloudSQLRefusal where refusal.isBucketRefusal {
                let error = await bucketError(request, refusal)
                guard !isHopeless() else {
                    if doubt == nil { await markEnded(request) }
                    throw error
                }
                tellOnce(
                    "\(error)\nRetrying until it takes effect, for up to \(Quantity.duration(timing.patience)).",
                    error.message)
            }
            try await pauses.wait(atLeast: wanted)
        }
    }

    private func record(_ request: OperationRequest, _ operation: CloudSQLOperation) async throws -> String {
        if let key = request.key { try await journal.append(.waiting(step: key, operation: operation.name)) }
        return operation.name
    }

    /// Names what is in the way, and waits for its end.
    ///
    /// - Returns: Whether there is anything.
    private func waitForBlocker() async throws -> Bool {
        guard let blocker = try await admin.operations().last(where: { !$0.isDone }) else { return false }
        let since = blocker.insertTime.map { " since \($0)" } ?? ""
        let who = blocker.user.flatMap { $0.isEmpty ? nil : " by \($0)" } ?? ""
        let what = "\(blocker.operationType ?? "An operation")\(who)\(since)".printable
        onEvent(
            .notice(
                .init(
                    .operationAwaited,
                    "\(what) is running on \(admin.instance): operation \(blocker.name.printable). Waiting for it to "
                        + "finish.",
                    [
                        "operation": .init(blocker.name), "type": .init(blocker.operationType),
                        "user": .init(blocker.user), "since": .init(blocker.insertTime),
                    ])))
        _ = try await waitForEndIfKnown(of: blocker.name, "the operation in the way")
        return true
    }

    // MARK: Waiting

    private func waitForEnd(
        of name: String, _ what: String, _ whileWaiting: @Sendable (CloudSQLOperation) async -> Void
    ) async throws -> CloudSQLOperation {
        guard let operation = try await waitForEndIfKnown(of: name, what, whileWaiting) else {
            throw forgotten(name, what)
        }
        return operation
    }

    /// Returns when an operation has ended; nil if the server does not know it.
    private func waitForEndIfKnown(
        of name: String, _ what: String, _ whileWaiting: @Sendable (CloudSQLOperation) async -> Void = { _ in }
    ) async throws -> CloudSQLOperation? {
        var pauses = timing.pauses
        do {
            while let operation = try await admin.operation(name) {
                if operation.isDone { return operation }
                await whileWaiting(operation)
                try await pauses.wait()
            }
            return nil
        } catch is CancellationError {
            throw MigrationError(
                .interrupted, "Stopped waiting for \(what), which continues: operation \(name.printable).",
                next: "Run the same command to resume, or `mi-migrate cancel` to end the operation.")
        }
    }

    private func forgotten(_ name: String, _ what: String) -> MigrationError {
        MigrationError(
            .failed, "Cloud SQL no longer knows operation \(name.printable), \(what).",
            next: "Check the instance's operations. --start-over imports from scratch.")
    }

    private func gaveUp(_ request: OperationRequest, _ reason: String) -> MigrationError {
        MigrationError(
            .failed, "\(request.what.capitalizedFirst) could not be started: \(reason).",
            next: "Check the network, then run the same command again: it resumes where this one stopped.")
    }

    /// Whom to give which right, word for word.
    private func bucketError(_ request: OperationRequest, _ refusal: CloudSQLRefusal) async -> MigrationError {
        let account = try? await admin.get().serviceAccountEmailAddress
        let name = account ?? "SERVICE_ACCOUNT"
        let bucket =
            (request.uri ?? "").split(separator: "/", maxSplits: 2).dropFirst().first.map(String.init) ?? "BUCKET"
        return MigrationError(
            .unmetRequirement,
            "The service account of \(admin.instance), \(name), is not allowed to read gs://\(bucket).",
            next: "Grant it: gcloud storage buckets add-iam-policy-binding gs://\(bucket) "
                + "--member=serviceAccount:\(name) --role=roles/storage.objectViewer. It takes some minutes to take effect.",
            details: [refusal.google.message])
    }
}

/// How long Cloud SQL is waited for.
struct CloudSQLTiming: Sendable {
    /// The pause after a first look at an operation; each further one is half as long again. Short, because most of an
    /// import's operations (a database dropped, an assertion that holds) are over at once.
    var firstPoll = Duration.milliseconds(20)
    /// The longest pause.
    var longestPoll = Duration.seconds(10)
    /// How long an operation whose answer was lost may take to show in the list of operations.
    var settling = Duration.seconds(15)
    /// For how long a right that was just granted, or a server in trouble, is waited for.
    var patience = Duration.seconds(15 * 60)

    var pauses: Pauses { Pauses(from: firstPoll, upTo: longestPoll) }
}

extension String {
    /// The same with a capital at its beginning.
    var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
