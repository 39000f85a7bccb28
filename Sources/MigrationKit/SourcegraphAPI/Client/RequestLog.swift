internal import MigrationKitFoundation
internal import NIOCore

/// What is shown of requests and answers, for whoever looks for a fault: `-dump-requests`, `-get-curl` and `-trace`.
package struct RequestLog: Sendable {
    /// Whether each request is shown as a command for a shell.
    package enum Curl: Sendable {
        /// No.
        case none
        /// With `$SRC_ACCESS_TOKEN` where the token belongs.
        case withoutSecrets
        /// With the token and all headers.
        case withSecrets
    }

    /// Whether requests and answers are shown.
    package var dumpsRequests = false
    /// Whether requests are shown as commands for a shell.
    package var curl = Curl.none
    /// Whether the instance is asked to trace each request, and the trace's address is shown.
    package var traces = false
    /// Takes what is shown, some lines at a time.
    package var onText: @Sendable (String) -> Void = { _ in }

    /// Shows nothing.
    package init() {}

    func show(_ request: HTTPRequest, _ query: GraphQLQuery, _ access: SourcegraphAccess) {
        if curl != .none { onText(curlLine(request, query, access)) }
        guard dumpsRequests else { return }
        let headers = request.headers.map { name, value in
            let isOurs = ["content-type", "content-encoding", "accept-encoding"].contains(name.lowercased())
            return "    \(name): \(isOurs ? value : "<redacted>")"
        }
        // What is written may hold what was read.
        let isHidden = query.isConfidential && query.isMutation
        let variables = isHidden ? "<redacted>" : (try? JSONText.encode(query.variables, pretty: false)) ?? ""
        onText(
            access.masking(
                (["--> POST \(request.url.absoluteString)"] + headers + [query.text, variables]).joined(separator: "\n")
            ))
    }

    func show(_ reply: HTTPReply, to query: GraphQLQuery, _ access: SourcegraphAccess) {
        if traces, let trace = reply["x-trace"] { onText(access.masking("x-trace: \(trace.printable)")) }
        guard dumpsRequests else { return }
        if query.isConfidential, reply.status == 200 {
            return onText("<-- HTTP status \(reply.status); the response may contain secrets and is not shown")
        }
        let value = try? JSONDecoder().decode(JSONValue.self, from: Data(reply.body.readableBytesView))
        let body = value.flatMap { try? JSONText.encode($0.withoutTokens) } ?? reply.text
        let shown = body.split(separator: "\n", omittingEmptySubsequences: false).map { String($0).printable }
        onText("<-- HTTP status \(reply.status)\n" + access.masking(shown.joined(separator: "\n")))
    }

    private func curlLine(_ request: HTTPRequest, _ query: GraphQLQuery, _ access: SourcegraphAccess) -> String {
        let isOpen = curl == .withSecrets
        var words = ["curl"]
        if let token = access.token {
            let header = isOpen ? "Authorization: token \(token.revealed)".shellQuoted : nil
            words += ["-H", header ?? "\"Authorization: token $SRC_ACCESS_TOKEN\""]
        }
        for (name, value) in access.headers.sorted(by: { $0.key < $1.key }) where name != "content-type" {
            words += ["-H", "\(name): \(isOpen ? value.revealed : "<redacted>")".shellQuoted]
        }
        words += ["-H", "Content-Type: application/json".shellQuoted]
        words += ["-d", String(decoding: query.body, as: UTF8.self).shellQuoted]
        return (words + [request.url.absoluteString.shellQuoted]).joined(separator: " ")
    }
}

extension JSONValue {
    /// The value without access tokens, which an instance shows only once: when it makes them.
    fileprivate var withoutTokens: JSONValue {
        switch self {
        case .object(let object):
            .object(
                Dictionary(
                    uniqueKeysWithValues: object.map { key, value in
                        (key, key == "token" && value.text != nil ? "<redacted>" : value.withoutTokens)
                    }))
        case .array(let array): .array(array.map(\.withoutTokens))
        default: self
        }
    }
}
