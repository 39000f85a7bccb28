internal import MigrationKitFoundation

/// The access token of some credentials, for all that asks Google in their name: fetched once, and again before it ends.
package actor AccessTokens {
    private let credentials: GoogleCredentials
    private let scopes: [String]
    private let http: HTTPSession
    private let retry: Retry
    private let now: @Sendable () -> Date

    private var current: AccessToken?
    private var hasHadOne = false
    private var refresh: Task<Void, Never>?
    private var refreshes = 0
    /// Who waits for the refresh, by number.
    private var waiting: [Int: CheckedContinuation<Secret, any Error>] = [:]
    private var calls = 0

    /// How many wait for a refresh.
    var waitingCalls: Int { waiting.count }

    /// - Parameters:
    ///   - scopes: What the token is for, as Google's URLs.
    ///   - retry: How long is tried again.
    ///   - now: The clock.
    init(
        _ credentials: GoogleCredentials, scopes: [String], http: HTTPSession, retry: Retry,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.credentials = credentials
        self.scopes = scopes
        self.http = http
        self.retry = retry
        self.now = now
    }

    /// A token that is good for a while. One request at a time, however many wait for it; who is cancelled leaves at
    /// once, and only the last one ends the request.
    ///
    /// - Throws: ``MigrationError`` if there is none to be had; the next call tries again.
    func token() async throws -> Secret {
        if let current, now() < current.refreshAt { return current.secret }
        calls += 1
        let number = calls
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                guard !Task.isCancelled else { return continuation.resume(throwing: CancellationError()) }
                waiting[number] = continuation
                if refresh == nil { startRefresh() }
            }
        } onCancel: {
            Task { await leave(number) }
        }
    }

    /// Google did not take this token: the next call fetches another, unless there is a newer one already.
    func discard(_ token: Secret) {
        if current?.secret == token { current = nil }
    }

    private func startRefresh() {
        refreshes += 1
        let number = refreshes
        let exchange = TokenExchange(http: http, now: now, origin: credentials.origin, isFirst: !hasHadOne)
        let (source, scopes, retry) = (credentials.source, scopes, retry)
        refresh = Task {
            let result: Result<AccessToken, any Error>
            do {
                result = .success(
                    try await retry("An access token for \(credentials)") {
                        try await source.token(for: scopes, exchange)
                    })
            } catch {
                result = .failure(error)
            }
            finish(number, result)
        }
    }

    private func finish(_ number: Int, _ result: Result<AccessToken, any Error>) {
        // Everybody has left meanwhile, and others came.
        guard number == refreshes, refresh != nil else { return }
        refresh = nil
        if case .success(let token) = result {
            current = token
            hasHadOne = true
        }
        let waiting = waiting.values
        self.waiting = [:]
        for continuation in waiting { continuation.resume(with: result.map(\.secret)) }
    }

    private func leave(_ number: Int) {
        guard let continuation = waiting.removeValue(forKey: number) else { return }
        continuation.resume(throwing: CancellationError())
        if waiting.isEmpty {
            refresh?.cancel()
            refresh = nil
        }
    }
}
