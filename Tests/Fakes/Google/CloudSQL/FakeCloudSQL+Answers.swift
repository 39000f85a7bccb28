package import FakeServer
import NIOCore
import NIOHTTP1
import TestSupport

extension FakeCloudSQL {
    /// What is answered to a request that is as described.
    package func answer(to request: Request) async -> FakeResponse {
        if options.requiresToken, let refusal = refusal(of: request) { return refusal }
        if let refusal = unknownPlace(request) { return refusal }
        // What is asked of the database itself; that the rest is answered is assumed.
        let needsDatabase = ["databases.", "users."].contains(where: request.method.hasPrefix)
        if needsDatabase || request.method == "instances.executeSql", instance.state == "MAINTENANCE" {
            return Self.isNotRunnable
        }
        switch request.method {
        case "instances.get": return .json(body: instance.json)
        case "instances.patch": return patchInstance(request)
        case "instances.import": return await startImport(request)
        case "instances.executeSql": return await executeSQL(request)
        case "operations.get": return getOperation(request)
        case "operations.list": return listOperations(request)
        case "operations.cancel": return cancelOperation(request)
        case "databases.list": return await listDatabases()
        case "databases.get": return await getDatabase(request)
        case "databases.insert": return await insertDatabase(request)
        case "databases.delete": return await deleteDatabase(request)
        case "users.list": return await listUsers()
        case "users.insert": return await insertUser(request)
        case "users.update": return await updateUser(request)
        case "flags.list": return .json(body: ["kind": "sql#flagsList", "items": .array(Instance.flags)])
        case "backupRuns.insert": return await insertBackup(request)
        case "backupRuns.list": return listBackups()
        case "backupRuns.delete": return deleteBackup(request)
        case "instances.restoreBackup": return restoreBackup(request)
        default:
            violate("\(request.httpMethod) \(request.path): nothing that a client should want")
            return Self.failure(404, "notFound", "Not Found")
        }
    }

    /// What the test wants to happen instead, if nothing else is to be done.
    package static func injected(_ request: Request) -> FakeResponse? {
        switch request.fault {
        case .status(let status, let reason, let message, let retryAfter):
            let (usualReason, usualMessage) = usual(status)
            let response = failure(status, reason ?? usualReason, message ?? usualMessage)
            return retryAfter.map { response.adding("Retry-After", String($0)) } ?? response
        case .answer(let text):
            return FakeResponse(status: 200, body: ByteBuffer(string: text))
                .adding("Content-Type", "application/json; charset=UTF-8")
        default: return nil
        }
    }

    // MARK: Who may ask for what

    private func refusal(of request: Request) -> FakeResponse? {
        let bearer = request.headers.first(name: "authorization") ?? ""
        let token = storage.change { bearer.hasPrefix("Bearer ") ? $0.tokens[String(bearer.dropFirst(7))] : nil }
        guard let token, token.expires > .now else {
            if bearer.isEmpty { violate("\(request.method) without a token") }
            let message =
                "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other"
                + " valid authentication credential."
            return Self.failure(401, "authError", message)
                .adding("WWW-Authenticate", #"Bearer realm="https://accounts.google.com/", error="invalid_token""#)
        }
        let prefix = "https://www.googleapis.com/auth/"
        let isForCloudPlatformOnly = ["instances.import", "instances.export"].contains(request.method)
        let wanted = ["cloud-platform"] + (isForCloudPlatformOnly ? [] : ["sqlservice.admin"])
        guard token.scopes.contains(where: { scope in wanted.contains { scope == prefix + $0 } }) else {
            violate("\(request.method) with a token for \(token.scopes.joined(separator: " "))")
            return Self.failure(403, "insufficientPermissions", "Request had insufficient authentication scopes.")
        }
        return nil
    }

    /// The texts and statuses are assumed: a project that one does not know is as one that one has no part in.
    private func unknownPlace(_ request: Request) -> FakeResponse? {
        let (pieces, instance) = (request.pieces, instance)
        guard pieces.count > 2, pieces[1] == "projects" else { return nil }
        guard pieces[2] == instance.project else {
            return Self.failure(403, "notAuthorized", "The client is not authorized to make this request.")
        }
        guard pieces.count > 4, pieces[3] == "instances", pieces[4] != instance.name else { return nil }
        return Self.failure(404, "instanceDoesNotExist", "The Cloud SQL instance does not exist.")
    }

    // MARK: Errors

    package static func failure(_ status: Int, _ reason: String, _ message: String) -> FakeResponse {
        let error: AnyJSON = ["message": .string(message), "domain": "global", "reason": .string(reason)]
        let code = AnyJSON.integer(Int64(status))
        return .json(status, body: ["error": ["code": code, "message": .string(message), "errors": [error]]])
    }

    /// The code is Google's; the text is assumed.
    package static var isNotRunnable: FakeResponse {
        failure(409, "invalidState", "The instance or operation is not in an appropriate state.")
    }

    /// Somebody else is at work on the instance.
    package static var isBusy: FakeResponse { failure(409, usual(409).reason, usual(409).message) }

    /// 409 and 412 as they have been seen (the reason of 412 is assumed), and what is plausible for others.
    private static func usual(_ status: Int) -> (reason: String, message: String) {
        switch status {
        case 409:
            let message =
                "Operation failed because another operation was already in progress."
                + " Try your request after the current operation is complete."
            return ("operationInProgress", message)
        case 412:
            return ("notAuthorized", "The service account does not have the required permissions for the bucket.")
        case 401: return ("authError", "Invalid Credentials")
        case 403: return ("notAuthorized", "The client is not authorized to make this request.")
        case 429:
            return ("rateLimitExceeded", "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute'.")
        case 503: return ("backendError", "The service is currently unavailable.")
        default: return ("internalError", "An internal error has occurred.")
        }
    }

    package static var isNotReadable: FakeResponse { failure(412, usual(412).reason, usual(412).message) }
}
