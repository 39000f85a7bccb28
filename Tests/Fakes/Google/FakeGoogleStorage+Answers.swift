package import FakeServer
import NIOCore
import NIOHTTP1
import TestSupport

extension FakeGoogleStorage {
    /// What is answered to a request that has come whole.
    package func answer(_ exchange: Exchange, _ state: inout State) -> FakeResponse {
        let request = exchange.request
        if let response = injected(exchange, &state) { return response }
        if let response = refusal(request, &state) { return response }
        switch request.operation {
        case .startSession: return startSession(exchange, &state)
        case .insert: return insert(exchange, &state)
        case .sessionChunk, .finalChunk, .sessionStatus: return continueSession(exchange, &state)
        case .cancelSession: return cancelSession(exchange, &state)
        case .startMultipart: return startMultipart(exchange, &state)
        case .part, .listParts, .complete, .abort: return continueMultipart(exchange, &state)
        case .list where request.isJSON: return list(exchange, state)
        case .metadata, .media, .delete: return read(exchange, &state)
        case .token, .exchange, .impersonation, .instanceToken: return grant(exchange, &state)
        case .compose, .bucket, .list, .unknown:
            state.record.violations.append("\(request.method) \(request.target): nothing that a client should want")
            return Self.failure(404, "notFound", "Not Found", request)
        }
    }

    /// What the test wants to happen instead, if nothing else is to be done.
    private func injected(_ exchange: Exchange, _ state: inout State) -> FakeResponse? {
        let request = exchange.request
        switch exchange.fault {
        case .status(let status, let retryAfter):
            let response = Self.outage(status, request)
            return retryAfter.map { response.adding("Retry-After", String($0)) } ?? response
        case .errorInSuccess(let code, let message):
            return .xml(body: "<Error><Code>\(code)</Code><Message>\(message)</Message></Error>")
        case .answer(let text): return FakeResponse(status: 200, body: ByteBuffer(string: text))
        case .refused(let status, let reason, let code, let message):
            return Self.failure(status, reason, message, request, code)
        case .page(let status, let html):
            return FakeResponse(status: status, body: ByteBuffer(string: html)).adding("Content-Type", "text/html")
        case .denied(let permission): return denied(permission, request)
        case .unauthorized:
            return Self.unauthorized(request)
        case .dropSession(let status):
            if let id = request.uploadID { state.sessions[id]?.stage = .gone(status) }
        case .dropUpload:
            if let id = request.uploadID { state.uploads[id] = nil }
        default: break
        }
        return nil
    }

    /// A failure that is not the client's fault. What stands before Google's servers speaks HTML, whoever asks.
    package static func outage(_ status: Int, _ request: FakeRequest) -> FakeResponse {
        guard status != 502, status != 504 else {
            let html = "<!DOCTYPE html><title>Error \(status)</title><p>That's an error. <ins>Try again.</ins>"
            return FakeResponse(
                status: status, headers: ["Content-Type": "text/html; charset=UTF-8"], body: ByteBuffer(string: html))
        }
        let (reason, code) =
            switch status {
            case 408: ("requestTimeout", "RequestTimeout")
            case 429: ("rateLimitExceeded", "SlowDown")
            case 503: ("backendError", "ServiceUnavailable")
            default: ("backendError", "InternalError")
            }
        return failure(status, reason, "We encountered an error. Please try again.", request, code)
    }

    // MARK: Who may do what

    private func refusal(_ request: FakeRequest, _ state: inout State) -> FakeResponse? {
        if request.operation.needsNoToken { return nil }
        if options.requiresToken {
            let bearer = request.headers.first(name: "authorization") ?? ""
            guard bearer.hasPrefix("Bearer "), let token = state.tokens[String(bearer.dropFirst(7))],
                token.expires > .now
            else { return Self.unauthorized(request) }
            guard token.allows(request.operation) else {
                return Self.failure(403, "forbidden", "Request had insufficient authentication scopes.", request)
            }
        }
        if request.operation == .impersonation { return nil }
        if let buckets = options.buckets, !buckets.contains(request.bucket) {
            return Self.failure(404, "notFound", "The specified bucket does not exist.", request, "NoSuchBucket")
        }
        guard let missing = Self.permissions(for: request.operation).first(where: { !options.permissions.contains($0) })
        else { return nil }
        if [.objectsGet, .objectsList, .objectsDelete, .bucketsGet].contains(missing) {
            state.record.violations.append("\(request.method) \(request.target) without \(missing.rawValue)")
        }
        return denied(missing, request)
    }

    private static func permissions(for operation: FakeOperation) -> [Permission] {
        switch operation {
        case .startSession, .insert: [.objectsCreate]
        case .startMultipart, .part, .complete: [.multipartCreate, .objectsCreate]
        case .listParts: [.multipartListParts]
        case .abort: [.multipartAbort]
        case .metadata, .media, .compose: [.objectsGet]
        case .list: [.objectsList]
        case .delete: [.objectsDelete]
        case .bucket: [.bucketsGet]
        default: []
        }
    }

    package func denied(_ permission: Permission, _ request: FakeRequest) -> FakeResponse {
        let resource = permission == .bucketsGet || permission == .objectsList ? "bucket" : "object"
        let message =
            "\(options.account) does not have \(permission.rawValue) access to the Google Cloud Storage \(resource)."
            + " Permission '\(permission.rawValue)' denied on resource (or it may not exist)."
        return Self.failure(403, "forbidden", message, request, "AccessDenied", short: "Access denied.")
    }

    package static func unauthorized(_ request: FakeRequest) -> FakeResponse {
        failure(401, "authError", "Invalid Credentials", request, "AuthenticationRequired")
            .adding("WWW-Authenticate", #"Bearer realm="https://accounts.google.com/", error="invalid_token""#)
    }

    // MARK: Errors

    /// An error in the words of the API that was asked.
    ///
    /// - Parameters:
    ///   - reason: What the JSON API calls it.
    ///   - code: What the XML API calls it.
    ///   - short: The XML API's message, if that has the other one as its details.
    package static func failure(
        _ status: Int, _ reason: String, _ message: String, _ request: FakeRequest, _ code: String? = nil,
        short: String? = nil
    ) -> FakeResponse {
        guard request.isJSON else {
            let code = code ?? (status < 500 ? "InvalidArgument" : "InternalError")
            let details = short == nil ? "" : "<Details>\(escaped(message))</Details>"
            return .xml(
                status,
                body: "<Error><Code>\(code)</Code><Message>\(escaped(short ?? message))</Message>\(details)</Error>")
        }
        let error: AnyJSON = [
            "message": .string(message), "domain": "global", "reason": .string(reason),
        ]
        return .json(
            status,
            body: [
                "error": ["code": .integer(Int64(status)), "message": .string(message), "errors": .array([error])]
            ])
    }

    package static func escaped(_ text: String) -> String {
        [("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\"", "&quot;")].reduce(text) { $0.replacing($1.0, with: $1.1) }
    }

    /// What an object's coming to be is refused with; nil if nothing is against it.
    package func objection(
        to name: ObjectName, ifGenerationMatch: Int64?, _ exchange: Exchange, _ state: State
    ) -> FakeResponse? {
        let existing = state.objects[name]
        if let wanted = ifGenerationMatch, wanted != existing?.generation ?? 0 {
            return Self.failure(
                412, "conditionNotMet", "At least one of the pre-conditions you specified did not hold.",
                exchange.request, "PreconditionFailed")
        }
        if existing != nil, !options.permissions.contains(.objectsDelete) {
            return denied(.objectsDelete, exchange.request)
        }
        return nil
    }
}
