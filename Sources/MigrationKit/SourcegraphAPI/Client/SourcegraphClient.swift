public import MigrationKitFoundation
internal import NIOCore
internal import NIOHTTP1

/// Asks an instance over its GraphQL API.
///
/// Queries are tried again after 429, 5xx, broken connections and answers that were damaged on their way; mutations only
/// where it is certain that they were not carried out. What the instance does not answer in two minutes is not asked
/// for a second time: it may still be working on the first. `200 OK` with errors in it is an error.
///
/// However many ask at once, the instance has four requests at a time; who waits to try again keeps nobody else
/// from asking.
///
/// Source for the endpoint, its authentication and its answers: Sourcegraph 5.1.8, cmd/frontend/internal/httpapi.
public final class SourcegraphClient: Sendable {
    /// How it goes about it.
    public struct Options: Sendable {
        /// What is shown of requests and answers.
        package var log = RequestLog()
        /// Whether the instance has to have a certificate that this machine trusts.
        public var verifiesTLS = true
        /// How long a query is tried again.
        public var retry: RetryPolicy
        /// Is told of each failure that is not final, in a sentence.
        public var onNotice: @Sendable (MigrationNotice) -> Void = { _ in }

        /// Two minutes of patience.
        public init() {
            retry = RetryPolicy()
            retry.patience = .seconds(120)
        }
    }

    /// Which instance, and as whom.
    public let access: SourcegraphAccess
    private let options: Options
    private let http: HTTPSession
    private let turns = Turns(SourcegraphClient.atOnce)

    /// A browser has six connections to a host: this is less than a person with a few open pages asks for.
    static let atOnce = 4
    /// More of them in a row are a circle.
    private static let redirectLimit = 10
    /// Settings and site configurations are some kilobytes, pages of a hundred nodes too.
    private static let replyLimit = 32 << 20
    /// Some answers, such as that on schema drift, take their time.
    private static let stallLimit = Duration.seconds(120)
    private static let totalLimit = Duration.seconds(300)

    /// Makes a client; nothing is sent yet.
    ///
    /// - Parameters:
    ///   - access: Which instance, and as whom.
    ///   - options: How it goes about it.
    ///   - environment: `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY` and `SSL_CERT_FILE` count.
    /// - Throws: ``MigrationError`` with code `usage` if a proxy or a file of certificates cannot be used.
    public init(
        _ access: SourcegraphAccess, options: Options = Options(),
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws {
        var access = access
        access.endpoint = access.endpoint.withoutUser
        self.access = access
        self.options = options
        var settings = HTTPSession.Options()
        settings.verifiesTLS = options.verifiesTLS
        settings.proxy = access.proxy
        http = try HTTPSession(environment: environment, options: settings)
    }

    /// Sends a query or a mutation.
    ///
    /// - Parameters:
    ///   - query: What is asked.
    ///   - answer: The shape of the data.
    ///   - what: What that is, for messages, as the beginning of a sentence: `The list of code hosts`.
    /// - Throws: ``GraphQLErrors`` if the instance says that it could not answer; ``MigrationError`` for all else.
    func answer<Answer: Decodable & Sendable>(
        _ query: GraphQLQuery, as answer: Answer.Type = Answer.self, _ what: String
    ) async throws -> Answer {
        if query.isMutation, options.log.curl != .none {
            options.log.show(try await request(query, to: url), query, access)
            throw MigrationError(.failed, "received no data: -get-curl shows a change and does not send it.")
        }
        return try await retrying(what, isMutation: query.isMutation) { try await self.ask(query, what) }
    }

    /// Sends a request in its turn, and again while that may help and can do no harm.
    private func retrying<Value: Sendable>(
        _ what: String, isMutation: Bool = false, _ attempt: () async throws -> Value
    ) async throws -> Value {
        try await retry(what) {
            do {
                return try await turns { try await attempt() }
            } catch let failure as TransientFailure where isMutation && failure.request != .notCarriedOut {
                throw MigrationError(
                    failure.code, "\(what): \(failure.reason). It is not known whether the change was made.",
                    next: "Run the same command again: it checks first.")
            } catch let failure as TransientFailure where failure.request == .unanswered {
                throw MigrationError(
                    failure.code, "\(what): the instance does not respond (\(failure.reason)).",
                    next: "Check the load of the instance and of its databases, then run the same command again.")
            }
        }
    }

    /// What an instance's clock shows, and how far this machine's is ahead of it.
    package func clockSkew() async throws -> Duration? {
        let query = GraphQLQuery("Clock", "", "site { productVersion }")
        return try await retrying("The instance's clock") {
            // Anew each time: a pause before another attempt would count as skew.
            let before = Date()
            let reply: HTTPReply
            do { reply = try await self.send(query) } catch { throw self.access.masking(error) }
            let middle = before.addingTimeInterval(Date().timeIntervalSince(before) / 2)
            return reply.date.map { .seconds(middle.timeIntervalSince($0)) }
        }
    }

    /// Sends it once. What the server says may hold what was sent.
    private func ask<Answer: Decodable & Sendable>(_ query: GraphQLQuery, _ what: String) async throws -> Answer {
        do { return try await send(query).graphQL(Answer.self, what) } catch { throw access.masking(error) }
    }

    private var retry: Retry {
        Retry(
            options.retry,
            next: "Check that SRC_ENDPOINT is the instance's URL and that this machine can reach it (set SRC_PROXY for "
                + "a proxy), then run the same command again.", onNotice: options.onNotice)
    }

    // MARK: HTTP

    private var url: URL { access.endpoint.appending(path: ".api/graphql") }

    private func send(_ query: GraphQLQuery) async throws -> HTTPReply {
        var url = self.url
        for _ in 0...Self.redirectLimit {
            let request = try await request(query, to: url)
            options.log.show(request, query, access)
            let reply = try await http.send(request).unpacked(limit: Self.replyLimit)
            options.log.show(reply, to: query, access)
            guard [301, 302, 307, 308].contains(reply.status) else { return reply }
            url = try redirect(reply, from: url)
        }
        throw MigrationError(
            .failed, "\(access.name) redirects in a loop.",
            next: "Set SRC_ENDPOINT to the URL that a browser shows once the page is open.")
    }

    private func request(_ query: GraphQLQuery, to url: URL) async throws -> HTTPRequest {
        var request = HTTPRequest(.POST, url)
        for (name, value) in access.headers { request.headers.replaceOrAdd(name: name, value: value.revealed) }
        if let token = access.token {
            request.headers.replaceOrAdd(name: "Authorization", value: "token \(token.revealed)")
        }
        request.headers.replaceOrAdd(name: "Content-Type", value: "application/json")
        request.headers.replaceOrAdd(name: "Accept-Encoding", value: "gzip")
        if options.log.traces { request.headers.replaceOrAdd(name: "X-Sourcegraph-Should-Trace", value: "true") }
        let body = ByteBuffer(bytes: query.body)
        request.body = .bytes(query.isCompressed ? try await Gzip.compressed(body) : body)
        if query.isCompressed { request.headers.replaceOrAdd(name: "Content-Encoding", value: "gzip") }
        request.stallLimit = Self.stallLimit
        request.totalLimit = Self.totalLimit
        request.replyLimit = Self.replyLimit
        return request
    }

    /// Where a redirect leads, if the token may go there: to the same host and port, or there by TLS as browsers do it.
    private func redirect(_ reply: HTTPReply, from url: URL) throws -> URL {
        let target = reply["Location"].flatMap { URL(string: $0, relativeTo: url)?.absoluteURL }
        guard let target, let scheme = target.scheme?.lowercased(), ["http", "https"].contains(scheme),
            let host = target.plainHost?.lowercased()
        else {
            throw MigrationError(
                .failed, "\(access.name) redirects, but not to a valid URL.",
                next: "Set SRC_ENDPOINT to the URL that a browser shows once the page is open.")
        }
        let isUpgrade = url.scheme == "http" && scheme == "https" && target.effectivePort == 443
        let isSameOrigin = scheme == url.scheme && target.effectivePort == url.effectivePort
        guard host == url.plainHost?.lowercased(), isSameOrigin || isUpgrade else {
            let place = "\(scheme)://\(host)\(target.port.map { ":\($0)" } ?? "")".printable
            throw MigrationError(
                .unmetRequirement, "\(access.name) redirects to \(place). Your access token is not sent there.",
                next: "If that is your instance, set SRC_ENDPOINT to it. If it is the login page of a gateway, send "
                    + "the header that it requires: SRC_HEADER_….")
        }
        return target.withoutUser
    }
}

extension URL {
    fileprivate var effectivePort: Int { port ?? (scheme?.lowercased() == "https" ? 443 : 80) }

    /// The address without a name and a password, which would be seen where it is shown.
    fileprivate var withoutUser: URL {
        guard var parts = URLComponents(url: self, resolvingAgainstBaseURL: true) else { return self }
        (parts.user, parts.password) = (nil, nil)
        return parts.url ?? self
    }
}

extension HTTPReply {
    /// The reply with its body unpacked, if it came as gzip.
    fileprivate func unpacked(limit: Int) async throws -> HTTPReply {
        guard self["Content-Encoding"]?.lowercased() == "gzip", body.readableBytes > 0 else { return self }
        var reply = self
        do {
            reply.body = try await Gzip.decompressed(body, limit: limit, name: "The response of \(host)")
        } catch let error as MigrationError where error.code == .damagedSnapshot {
            // No file of anybody's: what came through the connection is not what was sent into it.
            throw TransientFailure("the gzip data of the response is damaged")
        }
        return reply
    }
}
