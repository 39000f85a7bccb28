internal import MigrationKitFoundation
internal import NIOCore

/// What a Google API says when it refuses: the JSON envelope, the XML of Cloud Storage, or OAuth's form.
package struct GoogleAPIError: Error, Sendable {
    /// HTTP status.
    package var status: Int
    /// Google's word for it: `forbidden`, `NoSuchUpload`, `invalid_grant`; empty if it gives none.
    package var reason: String
    /// Google's sentence.
    package var message: String
    /// The server's clock.
    var serverTime: Date?
    /// The server, for messages.
    let host: String
    /// Whether the answer may be the API's: a page of HTML is not.
    private(set) var isOfTheAPI = true
    /// What such a page says, without its markup.
    private(set) var said = ""
    private var retryAfter: Duration?

    /// A message is a sentence, not a page.
    private static let messageLimit = 500
    private static let pageLimit = 10_000
    private static let saidLimit = 200

    /// What a page of HTML shows, about.
    private static func words(of page: Substring) -> String {
        var text = ""
        var rest = page
        while let start = rest.firstIndex(of: "<") {
            text += rest[..<start] + " "
            let tag = rest[start...].prefix { $0 != ">" }
            rest = rest[tag.endIndex...].dropFirst()
            for hidden in ["style", "script"] where tag.dropFirst().lowercased().hasPrefix(hidden) {
                let end = rest.indices.first { rest[$0...].prefix(hidden.count + 2).lowercased() == "</\(hidden)" }
                rest = end.map { rest[$0...] } ?? ""
            }
        }
        return (text + rest).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    package init(_ reply: HTTPReply) {
        status = reply.status
        retryAfter = reply.retryAfter
        serverTime = reply.date
        host = reply.host
        let body = Data(reply.body.readableBytesView)
        if let envelope = try? JSONDecoder().decode(Envelope.self, from: body) {
            reason = envelope.error.errors?.first?.reason ?? envelope.error.status ?? ""
            message = envelope.error.message
        } else if let error = try? JSONDecoder().decode(OAuthError.self, from: body) {
            reason = error.error
            message = error.description ?? error.error
        } else if let xml = try? XMLReply(reply.body, of: reply.host), xml.root.name == "Error" {
            reason = xml.root["Code"] ?? ""
            let (sentence, details) = (xml.root["Message"] ?? "", xml.root["Details"] ?? "")
            message = details.isEmpty || details == sentence ? sentence : "\(sentence) \(details)"
        } else {
            reason = ""
            // What is read with `alt=media` is refused in plain text.
            let isText = reply["Content-Type"]?.hasPrefix("text/plain") == true && reply.body.readableBytes > 0
            message = isText ? reply.text : "HTTP status \(reply.status)"
            let page = reply.text.prefix(Self.pageLimit)
            isOfTheAPI = page.first { !$0.isWhitespace } != "<"
            if !isOfTheAPI { said = String(Self.words(of: page).prefix(Self.saidLimit)).printable }
        }
        message = String(message.prefix(Self.messageLimit)).printable
    }

    /// Statuses that Google says to try again: 408, 429 and 5xx; and what XML says in a 200.
    package var isTransient: Bool {
        status == 408 || status == 429 || (500...599).contains(status)
            || (status == 200 && ["InternalError", "ServiceUnavailable", "SlowDown"].contains(reason))
    }

    /// For ``Retry``.
    package var asTransientFailure: TransientFailure {
        TransientFailure("\(status) \(message)", retryAfter: retryAfter)
    }

    /// The error for a person where nothing better is known.
    ///
    /// - Parameter what: What was tried, as the beginning of a sentence: `The list of gs://bucket`.
    package func error(_ what: String, next: String? = nil) -> MigrationError {
        MigrationError(
            .failed, "\(what) was refused: \(message)", next: next, details: ["HTTP status \(status), \(reason)"])
    }

    private struct Envelope: Decodable {
        var error: Body
        struct Body: Decodable {
            var message: String
            var status: String?
            var errors: [Item]?
        }
        struct Item: Decodable { var reason: String? }
    }

    private struct OAuthError: Decodable {
        var error: String
        var description: String?

        enum CodingKeys: String, CodingKey {
            case error
            case description = "error_description"
        }
    }
}

extension HTTPReply {
    /// The reply itself if its status is one of these.
    ///
    /// - Throws: ``TransientFailure`` if trying again may help, else ``GoogleAPIError``.
    package func expecting(_ statuses: Int...) throws -> HTTPReply {
        guard !statuses.contains(status) else { return self }
        let error = GoogleAPIError(self)
        throw error.isTransient ? error.asTransientFailure : error
    }

    /// The XML of a reply with status 200. What the XML API finds out late comes with that status, too.
    ///
    /// - Parameter name: The name of its outermost element: a page of whoever stands between is XML, too.
    /// - Throws: ``TransientFailure`` if it is torn, something else or trying again may help, else ``GoogleAPIError``.
    package func expectingXML(_ name: String) throws -> XMLReply.Element {
        let xml = try XMLReply(try expecting(200).body, of: host).root
        if xml.name == name { return xml }
        guard xml.name == "Error" else {
            throw TransientFailure("\(host) sent a response that cannot be read: it is not a \(name)")
        }
        let error = GoogleAPIError(self)
        throw error.isTransient ? error.asTransientFailure : error
    }
}
