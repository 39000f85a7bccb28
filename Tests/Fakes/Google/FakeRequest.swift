import Foundation
package import NIOHTTP1

/// What a request is for.
package enum FakeOperation: Hashable, Sendable {
    // JSON API
    case startSession, sessionChunk, finalChunk, sessionStatus, cancelSession
    /// All of an object in one request.
    case insert
    case metadata, media, list, delete, compose, bucket
    // XML API
    case startMultipart
    case part(Int)
    case listParts, complete, abort
    // Tokens
    case token, exchange, impersonation, instanceToken
    case unknown

    package var isPart: Bool { if case .part = self { true } else { false } }

    /// Whether it needs no token: a session's URI is one, and the others are how tokens are come by.
    package var needsNoToken: Bool {
        switch self {
        case .sessionChunk, .finalChunk, .sessionStatus, .cancelSession, .token, .exchange, .instanceToken: true
        default: false
        }
    }
}

/// One request as it came, and what became of it.
package struct FakeRequest: Sendable {
    package let id: Int
    package let connection: Int
    package let method: String
    /// Path and query as they were sent.
    package let target: String
    package let headers: HTTPHeaders
    package let operation: FakeOperation
    package let bucket: String
    package let object: String
    /// The upload's or session's.
    package let uploadID: String?
    /// Bytes of the body that have been read so far.
    package var bodyBytes: Int64 = 0
    /// The body, if it is JSON, XML or a form.
    package var body: String?
    /// nil until it is answered, and for ever if the connection went away before.
    package var status: Int?
    /// What was done to it.
    package var fault: FaultAction?
    /// Nothing more will happen to it.
    package var isOver = false

    /// The rest of the target, still percent-encoded.
    package var path: String { String(target.prefix { $0 != "?" }) }

    package var query: [(name: String, value: String)] {
        guard let mark = target.firstIndex(of: "?") else { return [] }
        return Self.form(target[target.index(after: mark)...])
    }

    package func query(_ name: String) -> String? { query.first { $0.name == name }?.value }

    /// Whether it is for the JSON API, or for something else that answers in JSON.
    package var isJSON: Bool {
        switch operation {
        case .token, .exchange, .impersonation, .instanceToken: true
        default:
            ["/storage/v1/", "/upload/storage/", "/resumable/upload/", "/download/storage/"].contains {
                target.hasPrefix($0)
            }
        }
    }

    /// Whether Google's description of the JSON API has to know it; session URIs are opaque.
    package var isInDiscoveryDocument: Bool {
        switch operation {
        case .sessionChunk, .finalChunk, .sessionStatus, .cancelSession: false
        case .token, .exchange, .impersonation, .instanceToken: false
        default: isJSON
        }
    }

    /// Fields of `application/x-www-form-urlencoded`, or of a query.
    package static func form(_ text: some StringProtocol) -> [(name: String, value: String)] {
        text.split(separator: "&").map { field in
            let pieces = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                .map { piece in
                    guard piece.utf8.contains(where: { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "%") }) else {
                        return String(piece)
                    }
                    let text = String(piece).replacing("+", with: " ")
                    return text.removingPercentEncoding ?? text
                }
            return (pieces[0], pieces.count > 1 ? pieces[1] : "")
        }
    }
}

extension FakeRequest {
    package init(id: Int, connection: Int, _ head: HTTPRequestHead) {
        let target = Target(head)
        self.init(
            id: id, connection: connection, method: head.method.rawValue, target: head.uri, headers: head.headers,
            operation: target.operation, bucket: target.bucket, object: target.object, uploadID: target.uploadID)
    }

    private struct Target {
        var operation = FakeOperation.unknown
        var bucket = ""
        var object = ""
        var uploadID: String?

        init(_ head: HTTPRequestHead) {
            let path = head.uri.prefix { $0 != "?" }
            let query = Dictionary(FakeRequest.form(head.uri.dropFirst(path.count + 1))) { first, _ in first }
            let pieces = path.split(separator: "/", omittingEmptySubsequences: true).map(String.init)
            let method = head.method
            if path == "/token", method == .POST { operation = .token }
            if path == "/sts", method == .POST { operation = .exchange }
            if path.hasSuffix(":generateAccessToken"), method == .POST { operation = .impersonation }
            if pieces.first == "computeMetadata" { operation = .instanceToken }
            guard operation == .unknown else { return }
            if let start = Self.start(of: pieces) {
                readJSON(Array(pieces[start...]), head, query)
                if pieces.contains("upload") { readUpload(head, query) }
            } else if let bucket = pieces.first {
                self.bucket = bucket.removingPercentEncoding ?? bucket
                object = pieces.dropFirst().joined(separator: "/").removingPercentEncoding ?? ""
                readXML(method, query)
            }
        }

        /// Where `B/o/O` begins, after `storage/v1/b`.
        private static func start(of pieces: [String]) -> Int? {
            for (index, piece) in pieces.enumerated().prefix(3) where piece == "storage" {
                if pieces[index...].starts(with: ["storage", "v1", "b"]) { return index + 3 }
            }
            return nil
        }

        private mutating func readJSON(_ pieces: [String], _ head: HTTPRequestHead, _ query: [String: String]) {
            bucket = pieces.first?.removingPercentEncoding ?? ""
            object = pieces.count > 2 ? pieces[2].removingPercentEncoding ?? "" : ""
            switch (head.method, pieces.count) {
            case (.GET, 1), (.GET, 0): operation = .bucket
            case (.GET, 2): operation = .list
            case (.GET, 3): operation = query["alt"] == "media" ? .media : .metadata
            case (.DELETE, 3): operation = .delete
            case (.POST, 4) where pieces[3] == "compose": operation = .compose
            default: break
            }
        }

        private mutating func readUpload(_ head: HTTPRequestHead, _ query: [String: String]) {
            object = query["name"] ?? ""
            uploadID = query["upload_id"]
            operation = .unknown
            guard uploadID != nil else {
                switch query["uploadType"] {
                case "resumable" where head.method == .POST: operation = .startSession
                case "multipart" where head.method == .POST: operation = .insert
                default: break
                }
                return
            }
            switch head.method {
            case .DELETE: operation = .cancelSession
            case .PUT, .POST:
                switch ContentRange(head.headers.first(name: "content-range")) {
                case .status: operation = .sessionStatus
                case .bytes(_, let last, let total) where total != last + 1: operation = .sessionChunk
                default: operation = .finalChunk
                }
            default: break
            }
        }

        private mutating func readXML(_ method: HTTPMethod, _ query: [String: String]) {
            uploadID = query["uploadId"]
            switch method {
            case .POST where query["uploads"] != nil: operation = .startMultipart
            case .PUT where uploadID != nil: operation = .part(query["partNumber"].flatMap { Int($0) } ?? 0)
            case .POST where uploadID != nil: operation = .complete
            case .GET where uploadID != nil: operation = .listParts
            case .DELETE where uploadID != nil: operation = .abort
            case .GET: operation = object.isEmpty ? .list : .media
            case .HEAD: operation = object.isEmpty ? .bucket : .metadata
            case .DELETE: operation = .delete
            default: break
            }
        }
    }
}
