internal import AsyncHTTPClient
package import MigrationKitFoundation
package import NIOCore
package import NIOHTTP1

/// A request, and how long its server may be silent.
package struct HTTPRequest: Sendable {
    /// What is sent.
    package enum Body: Sendable {
        case none
        case bytes(ByteBuffer)
        case stream(ByteStream, count: Int64)
    }

    var method: HTTPMethod
    package var url: URL
    package var headers: HTTPHeaders = [:]
    package var body = Body.none
    /// With no byte in either direction for so long, the connection counts as dead.
    package var stallLimit = Duration.seconds(60)
    /// The whole answer may take so long, however much keeps coming; nil: as long as it takes.
    package var totalLimit: Duration?
    /// Whether it goes to its server itself, whatever proxies the environment names: the server is part of this machine.
    package var avoidsProxy = false
    /// The longest answer that is read.
    package var replyLimit = 4 << 20

    package init(_ method: HTTPMethod, _ url: URL, headers: HTTPHeaders = [:], body: Body = .none) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }

    /// The server, for messages: never the rest of the URL, which may be a secret.
    package var host: String { url.host() ?? "the server" }

    func prepared(_ watch: StallWatch) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: url.absoluteString)
        request.method = method
        request.headers = headers
        if !headers.contains(name: "User-Agent") {
            request.headers.add(name: "User-Agent", value: "MigrationKit/\(MigrationKitVersion.current)")
        }
        switch body {
        case .none: break
        case .bytes(let bytes): request.body = .bytes(bytes)
        case .stream(let stream, let count):
            let iterator = stream.makeAsyncIterator()
            let watched = ByteStream {
                // The file, or a limit of the rate, may take its time.
                watch.pause()
                defer { watch.touch() }
                do { return try await iterator.next() } catch { throw SourceFailure(error: error) }
            }
            request.body = .stream(watched, length: .known(count))
        }
        return request
    }
}

/// What gives the bytes has failed, and not the connection.
struct SourceFailure: Error {
    var error: any Error
}

/// An answer.
package struct HTTPReply: Sendable {
    package var status: Int
    package var headers: HTTPHeaders
    package var body: ByteBuffer
    /// The server, for messages.
    package var host: String

    /// The first value of a header.
    package subscript(header: String) -> String? { headers.first(name: header) }

    /// The server's clock.
    package var date: Date? { self["Date"].flatMap(TimeText.http) }

    /// The body as text, for messages and parsers.
    package var text: String { String(buffer: body) }

    /// The body as a JSON value of that shape.
    ///
    /// - Throws: ``TransientFailure`` if it cannot be read: what an answer that was damaged or replaced on its way would
    ///   have said is not known, so it is asked for again.
    package func json<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        guard let value = try? JSONText.decode(type, from: Array(body.readableBytesView)) else {
            throw TransientFailure("\(host) sent a response that cannot be read")
        }
        return value
    }

    /// Whether the body begins as a JSON object and cannot be read: an answer of the server that was asked, damaged or
    /// cut off on its way, and not a page of somebody else's.
    package var isTornJSON: Bool {
        let bytes = body.readableBytesView
        let start = bytes.first { !$0.isSQLSpace }
        return start == UInt8(ascii: "{") && (try? JSONText.decode(JSONValue.self, from: Array(bytes))) == nil
    }

    /// Seconds of `Retry-After`, if the server names them.
    package var retryAfter: Duration? {
        self["Retry-After"].flatMap { Int($0) }.flatMap { $0 >= 0 ? .seconds(min($0, 3600)) : nil }
    }
}
