/// What may go well the next time.
package struct TransientFailure: Error {
    /// What happened, as part of a sentence: `503 Service Unavailable`.
    package var reason: String
    /// How long the server wants to be left alone.
    package var retryAfter: Duration?
    /// What kind of failure it is once it is given up.
    package var code: MigrationError.Code
    /// What is known of the request.
    package var request: Request

    /// What became of a request without a useful answer.
    package enum Request {
        /// Nobody knows whether the server acted on it.
        case unknown
        /// The server never got it, or said that it did not act on it.
        case notCarriedOut
        /// The server has it, and may still be working on it.
        case unanswered
    }

    package init(
        _ reason: String, retryAfter: Duration? = nil, code: MigrationError.Code = .failed, request: Request = .unknown
    ) {
        (self.reason, self.retryAfter, self.code, self.request) = (reason, retryAfter, code, request)
    }
}
