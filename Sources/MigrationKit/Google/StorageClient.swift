internal import Foundation
internal import NIOHTTP1

/// Requests to one bucket of Cloud Storage: addresses, the token, and one new token where the server takes the old no
/// more.
struct StorageClient: Sendable {
    let bucket: String
    /// Such as `https://storage.googleapis.com`.
    let endpoint: String
    let http: HTTPSession
    /// Nil: the server asks for none.
    let tokens: AccessTokens?
    let quotaProject: String?
    /// With no byte moving for so long a connection counts as dead.
    let stallLimit: Duration

    /// A request that does not wait for a dead connection for longer than it was asked to.
    func request(
        _ method: HTTPMethod, _ url: URL, headers: HTTPHeaders = [:], body: HTTPRequest.Body = .none
    ) -> HTTPRequest {
        var request = HTTPRequest(method, url, headers: headers, body: body)
        request.stallLimit = stallLimit
        return request
    }

    /// Sends a request.
    ///
    /// - Parameters:
    ///   - retry: Whose end is the end of waiting for a token, where the task itself is not cancelled.
    ///   - request: Makes it, once or twice.
    func send(
        waitingWith retry: Retry? = nil, _ request: () async throws -> HTTPRequest
    ) async throws -> HTTPReply {
        guard let tokens else { return try await http.send(try await request()) }
        func token() async throws -> Secret {
            guard let retry else { return try await tokens.token() }
            return try await retry.untilStopped { try await tokens.token() }
        }
        let first = try await token()
        let reply = try await http.send(authorized(try await request(), first))
        guard reply.status == 401 else { return reply }
        await tokens.discard(first)
        return try await http.send(authorized(try await request(), token()))
    }

    /// Sends a request that carries its own right in its address.
    func sendUnauthorized(_ request: () async throws -> HTTPRequest) async throws -> HTTPReply {
        try await http.send(try await request())
    }

    private func authorized(_ request: HTTPRequest, _ token: Secret) -> HTTPRequest {
        var request = request
        request.headers.replaceOrAdd(name: "Authorization", value: "Bearer \(token.revealed)")
        if let quotaProject { request.headers.replaceOrAdd(name: "X-Goog-User-Project", value: quotaProject) }
        return request
    }

    // MARK: Addresses

    /// An object in the XML API.
    func xml(_ object: String, _ query: [(String, String?)] = []) throws -> URL {
        try url("/\(Self.encoded(bucket))/\(Self.encoded(object, keeping: "/"))", query)
    }

    /// An object in the JSON API; nil: the list of them.
    func json(_ object: String? = nil, _ query: [(String, String?)] = []) throws -> URL {
        let path = object.map { "/\(Self.encoded($0))" } ?? ""
        return try url("/storage/v1/b/\(Self.encoded(bucket))/o\(path)", query)
    }

    /// Where a JSON upload begins.
    func upload(_ query: [(String, String?)]) throws -> URL {
        try url("/upload/storage/v1/b/\(Self.encoded(bucket))/o", query)
    }

    /// Whether an address that the server gave is its own: bytes and rights go nowhere else.
    func isOwn(_ url: URL) -> Bool {
        guard let own = URL(string: endpoint) else { return false }
        return url.scheme == own.scheme && url.host() == own.host() && url.port == own.port
    }

    private func url(_ path: String, _ query: [(String, String?)]) throws -> URL {
        let items = query.map { name, value in value.map { "\(name)=\(Self.encoded($0))" } ?? name }
        let text = endpoint + path + (items.isEmpty ? "" : "?" + items.joined(separator: "&"))
        guard let url = URL(string: text) else {
            throw MigrationError(.usage, "`\(endpoint.printable)` is no address of a server.")
        }
        return url
    }

    private static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

    private static func encoded(_ text: String, keeping: String = "") -> String {
        text.addingPercentEncoding(
            withAllowedCharacters: unreserved.union(CharacterSet(charactersIn: keeping))) ?? text
    }
}

extension UInt32 {
    /// A CRC32C as Google writes it: big-endian, in base64.
    var base64: String { Data(Swift.withUnsafeBytes(of: bigEndian, Array.init)).base64EncodedString() }

    /// Reads a CRC32C as Google writes it.
    init?(base64 text: some StringProtocol) {
        guard let data = Data(base64Encoded: String(text)), data.count == 4 else { return nil }
        self = data.reduce(0) { $0 << 8 | UInt32($1) }
    }
}

extension HTTPReply {
    /// The CRC32C that `X-Goog-Hash` names, alone or beside an MD5.
    var crc32c: UInt32? {
        headers[canonicalForm: "X-Goog-Hash"].lazy.compactMap { value in
            value.hasPrefix("crc32c=") ? UInt32(base64: value.dropFirst("crc32c=".count)) : nil
        }.first
    }
}
