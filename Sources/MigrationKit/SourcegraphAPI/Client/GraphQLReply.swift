internal import MigrationKitFoundation
internal import NIOCore

/// What an instance says in a `200 OK` that is an error all the same.
package struct GraphQLErrors: Error {
    /// The messages, as the server has them.
    package var messages: [String]

    private static let shown = 10
    private static let lengthShown = 500

    /// The error for a person.
    ///
    /// - Parameter what: What was asked for, as the beginning of a sentence.
    package func error(_ what: String) -> MigrationError {
        let isForAdmins = messages.contains { $0.contains("must be site admin") }
        return MigrationError(
            isForAdmins ? .unmetRequirement : .failed, "\(what): the instance answered with GraphQL errors.",
            next: isForAdmins ? "Use an access token of a site admin (scope user:all)." : nil,
            details: messages.prefix(Self.shown).map { String($0.prefix(Self.lengthShown)) })
    }
}

/// The envelope around every answer.
private struct GraphQLReply<Answer: Decodable>: Decodable { var data: Answer? }

/// What of the envelope has to be looked at first: with errors the data may be of any shape.
private struct GraphQLReplyErrors: Decodable {
    var errors: JSONValue?

    var messages: [String] {
        guard let errors else { return [] }
        return (errors.elements ?? [errors]).map { $0["message"]?.text ?? "an error without a message" }
    }
}

extension HTTPReply {
    /// The data of a GraphQL answer.
    ///
    /// - Parameters:
    ///   - answer: Its shape.
    ///   - what: What was asked for, for messages.
    /// - Throws: ``GraphQLErrors`` if there are any, whatever data came with them; ``TransientFailure`` for 429, 5xx and
    ///   an answer that was cut off; else ``MigrationError``.
    func graphQL<Answer: Decodable>(_ answer: Answer.Type, _ what: String) throws -> Answer {
        guard status == 200 else { throw refusal(what) }
        let bytes = Data(body.readableBytesView)
        guard let errors = try? JSONDecoder().decode(GraphQLReplyErrors.self, from: bytes).messages else {
            if isTornJSON { throw TransientFailure("the answer is cut off or damaged") }
            throw noInstance(what)
        }
        guard errors.isEmpty else { throw GraphQLErrors(messages: errors) }
        do {
            if let data = try JSONDecoder().decode(GraphQLReply<Answer>.self, from: bytes).data { return data }
        } catch let error as DecodingError {
            throw MigrationError(.failed, "\(what): the instance sent an unexpected response: \(error.place).")
        }
        throw isOfAnotherKind(bytes) ? noInstance(what) : .init(.failed, "\(what): the instance sent no data.")
    }

    /// Whether it is JSON with neither of the keys of a GraphQL answer: an error of somebody who stands before it.
    private func isOfAnotherKind(_ bytes: Data) -> Bool {
        guard case .object(let members)? = try? JSONDecoder().decode(JSONValue.self, from: bytes) else { return false }
        return !members.isEmpty && members["data"] == nil && members["errors"] == nil
    }

    /// Sourcegraph refuses in plain text.
    private var isPage: Bool { self["Content-Type"]?.contains("html") == true || text.hasPrefix("<") }

    /// Source: Sourcegraph 5.1.8, cmd/frontend/internal/httpapi/auth.go.
    private static let refusalsOfTokens = [
        "Invalid access token", "Invalid Authorization header", "Access token authorization is disabled",
    ]
    private static let refusalWithoutToken = "Private mode requires authentication"
    private static let refusalsOfUsers = ["The subject user of a sudo access token", "Unable to sudo to"]

    private func refusal(_ what: String) -> any Error {
        let said = String(text.prefix(300)).split(whereSeparator: \.isNewline).first.map { String($0) } ?? ""
        let line = "HTTP \(status)" + (said.isEmpty || said.hasPrefix("<") ? "" : ": \(said.printable)")
        switch status {
        // Whoever limits the rate does so before anything is done.
        case 429: return TransientFailure(line, retryAfter: retryAfter, request: .notCarriedOut)
        case 500...599: return TransientFailure(line, retryAfter: retryAfter)
        case 401 where said.hasPrefix(Self.refusalWithoutToken):
            return MigrationError(
                .unmetRequirement, "SRC_ACCESS_TOKEN is not set, and \(host) requires it (\(line)).",
                next: "Set SRC_ACCESS_TOKEN to a site admin's access token (Settings, Access tokens, scope user:all).")
        case 401 where Self.refusalsOfTokens.contains { said.hasPrefix($0) }:
            let reason = line.hasSuffix(".") ? String(line.dropLast()) : line
            return MigrationError(
                .unmetRequirement, "\(host) rejected the access token (\(reason)).",
                next: "Create one as a site admin (Settings, Access tokens, scope user:all), and set SRC_ACCESS_TOKEN.")
        case 403 where Self.refusalsOfUsers.contains { said.hasPrefix($0) }:
            return MigrationError(
                .unmetRequirement, "\(what): \(host) does not allow this (\(line)).",
                next: "Use an access token of a site admin.")
        case 401 where isPage, 403 where isPage:
            return MigrationError(
                .unmetRequirement, "\(what): the request was refused, but not by Sourcegraph (\(line)).",
                next: "There is a gateway, proxy or firewall in front of \(host). Allow this machine there, or send "
                    + "the header that it requires: SRC_HEADER_….")
        case 401, 403:
            return MigrationError(
                .unmetRequirement, "\(what): refused (\(line)).",
                next: "If a gateway refused it, send the header that it requires: SRC_HEADER_…. Otherwise set "
                    + "SRC_ACCESS_TOKEN to a site admin's access token (scope user:all).")
        case 404: return noInstance(what)
        default: return MigrationError(.failed, "\(what): \(host) refused the request (\(line)).")
        }
    }

    private func noInstance(_ what: String) -> MigrationError {
        MigrationError(
            .failed, "\(what): the response of \(host) is not from Sourcegraph's API (HTTP \(status)).",
            next:
                "Check that SRC_ENDPOINT is the instance's URL, without a path unless the instance has one. If a "
                + "gateway's login page is in the way, send the header that it requires: SRC_HEADER_…."
        )
    }
}

extension DecodingError {
    /// Where the answer is wrong, without what it holds.
    var place: String {
        switch self {
        case .keyNotFound(let key, let context): "`\(Self.path(context.codingPath + [key]))` is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            "`\(Self.path(context.codingPath))` has the wrong type"
        @unknown default: "it cannot be read"
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".").printable
    }
}
