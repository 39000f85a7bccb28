extension GoogleCredentials {
    /// Gets a token for Cloud Storage, and drops it: the proof that Google takes these credentials.
    ///
    /// What their account may do, it does not tell: a key that can create objects and nothing else proves that by an
    /// upload.
    ///
    /// - Parameter patience: How long a server is tried again that does not answer.
    /// - Throws: ``MigrationError`` if there is none to be had.
    package func requireToken(patience: Duration, environment: [String: String]) async throws {
        var policy = RetryPolicy()
        policy.patience = patience
        let tokens = AccessTokens(
            self, scopes: ["https://www.googleapis.com/auth/devstorage.read_write"],
            http: try HTTPSession(environment: environment),
            retry: Retry(policy, next: "Check the network, then run the same command again."))
        _ = try await tokens.token()
    }
}
