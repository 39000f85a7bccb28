internal import MigrationKitFoundation
internal import NIOCore
internal import NIOHTTP1

/// A token that opens Google's APIs, and when it is time for another.
struct AccessToken: Sendable {
    let secret: Secret
    let refreshAt: Date

    /// Before a token ends, so that no request meets its end on the way.
    private static let margin = 300.0
    /// Nobody gives longer ones.
    private static let longestLifetime = 12 * 3600.0

    init(_ secret: Secret, from start: Date, lifetime: TimeInterval) {
        self.secret = secret
        let lifetime = min(max(lifetime, 0), Self.longestLifetime)
        refreshAt = start + (lifetime < 2 * Self.margin ? lifetime / 2 : lifetime - Self.margin)
    }

    /// - Throws: ``MigrationError`` if the text is none that a header could hold; ``TransientFailure`` if the answer
    ///   was cut off.
    init(_ text: String, of reply: HTTPReply, from start: Date, lifetime: TimeInterval) throws {
        guard !text.isEmpty, text.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) else { throw Self.missing(in: reply) }
        self.init(Secret(known: text), from: start, lifetime: lifetime)
    }

    /// Reads the answer of a token endpoint.
    init(_ reply: HTTPReply, from start: Date) throws {
        guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(reply.body.readableBytesView)) else {
            throw Self.missing(in: reply)
        }
        try self.init(answer.token, of: reply, from: start, lifetime: answer.lifetime ?? 3600)
    }

    static func missing(in reply: HTTPReply) -> any Error {
        if reply.isTornJSON { return TransientFailure("\(reply.host) sent a response that cannot be read") }
        return MigrationError(
            .failed, "The response of \(reply.host) is not an access token.",
            next: "Check for a proxy or captive portal between this machine and \(reply.host).")
    }

    private struct Answer: Decodable {
        var token: String
        var lifetime: Double?

        enum CodingKeys: String, CodingKey {
            case token = "access_token"
            case lifetime = "expires_in"
        }
    }
}

/// What all kinds of credentials need to get a token.
struct TokenExchange: Sendable {
    static let defaultEndpoint = URL(string: "https://oauth2.googleapis.com/token")!

    let http: HTTPSession
    let now: @Sendable () -> Date
    /// Where the credentials are from, for messages.
    let origin: String
    /// Whether none of them has ever been given a token.
    let isFirst: Bool

    func post(_ form: [(String, Secret)], to url: URL) async throws -> HTTPReply {
        var request = HTTPRequest(.POST, url, body: .bytes(ByteBuffer(string: Self.encode(form))))
        request.headers = ["Content-Type": "application/x-www-form-urlencoded"]
        return try await send(request, secrets: form.map(\.1))
    }

    /// - Throws: ``TransientFailure`` or ``GoogleAPIError`` unless the answer is 200.
    func send(_ request: HTTPRequest, secrets: [Secret]) async throws -> HTTPReply {
        try checked(await http.send(request), secrets: secrets)
    }

    /// - Parameter secrets: What was sent. An answer that repeats any of it is not shown.
    func checked(_ reply: HTTPReply, secrets: [Secret] = []) throws -> HTTPReply {
        guard reply.status != 200 else { return reply }
        var error = GoogleAPIError(reply)
        let beginnings = secrets.map { $0.revealed.prefix(12) }.filter { !$0.isEmpty }
        if beginnings.contains(where: { error.message.contains($0) || error.reason.contains($0) }) {
            error.message = "HTTP status \(reply.status)"
            error.reason = ""
        }
        if error.isTransient { throw error.asTransientFailure }
        throw error
    }

    /// An error that no repetition fixes, with Google's own words beside ours.
    func refused(_ message: String, _ error: GoogleAPIError, next: String) -> MigrationError {
        let reason = error.reason.isEmpty ? "" : "\(error.reason): "
        return MigrationError(.unmetRequirement, message, next: next, details: [reason + error.message])
    }

    /// A statement was refused because of the time in it.
    func wrongClock(_ error: GoogleAPIError) -> MigrationError {
        let ahead = error.serverTime.map { now().timeIntervalSince($0) } ?? 0
        let skew = Quantity.duration(.seconds(abs(ahead)))
        let amount = abs(ahead) < 60 ? "" : ": it is \(skew) \(ahead > 0 ? "ahead of" : "behind") Google's"
        return refused(
            "The clock of this machine is wrong\(amount).", error,
            next: "Set it (`timedatectl set-ntp true`), then run the same command again.")
    }

    private static func encode(_ form: [(String, Secret)]) -> String {
        form.map { name, value in "\(name)=\(value.revealed.percentEncoded())" }.joined(separator: "&")
    }
}
