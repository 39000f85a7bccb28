package import FakeServer
import NIOCore
import NIOHTTP1
import TestSupport

extension FakeSourcegraph {
    /// What something before the instance says instead of it; nil: nothing.
    package static func gatewayAnswer(to request: Request, _ state: inout State) -> FakeResponse? {
        switch request.fault {
        case .status(let status, let retryAfter, let body):
            let page = "<html><head><title>\(status)</title></head><body><center>nginx</center></body></html>\r\n"
            let isGateway = status == 502 || status == 504
            let response = text(
                status, body ?? (isGateway ? page : status == 401 ? "Invalid access token.\n" : "internal error\n"),
                isGateway ? "text/html" : "text/plain; charset=utf-8")
            return retryAfter.map { response.adding("Retry-After", "\($0)") } ?? response
        case .redirect(let target, let status): return text(status, "").adding("Location", target)
        case .answer(let body, let type): return text(200, body, type)
        case .errors(let messages):
            return .json(
                body: ["data": .null, "errors": .array(messages.map { GraphQLError(message: $0).json })])
        case .hugeAnswer(let bytes, _):
            let (start, end) = ("{\"data\":{\"site\":{\"siteID\":\"", "\"}}}")
            var body = ByteBuffer(string: start)
            body.writeRepeatingByte(UInt8(ascii: "x"), count: max(0, bytes - start.utf8.count - end.utf8.count))
            body.writeString(end)
            return FakeResponse(status: 200, body: body).adding("Content-Type", "application/json")
        case .damagedGzip: return text(200, "\u{1f}this is no gzip", "application/json")
        default: return nil
        }
    }

    package static func text(_ status: Int, _ body: String, _ type: String = "text/plain; charset=utf-8")
        -> FakeResponse
    {
        FakeResponse(status: status, body: ByteBuffer(string: body)).adding("Content-Type", type)
    }

    /// What the instance says.
    package func answer(to request: Request, _ body: Body) -> FakeResponse {
        guard request.path == options.path else { return Self.text(404, "404 page not found\n") }
        switch authenticate(request) {
        case .refused(let message): return refuse(401, message, request, isViolation: false)
        case .passed(let viewer):
            withState { $0.record.requests[request.id].viewer = viewer?.username }
            return answer(to: request, body, viewer)
        }
    }

    private func answer(to request: Request, _ body: Body, _ viewer: FakeInstance.User?) -> FakeResponse {
        guard request.method == "POST" else { return refuse(405, "method not allowed", request) }
        if let problem = body.problem { return refuse(400, problem, request) }
        guard let json = body.json, json.object != nil, let query = json["query"]?.string else {
            return refuse(400, "the request's body is not JSON with a query", request)
        }
        if let variables = json["variables"], variables != .null, variables.object == nil {
            return refuse(400, "variables are not an object", request)
        }
        return run(query, request, json["operationName"]?.string, viewer)
    }

    private func refuse(
        _ status: Int, _ message: String, _ request: Request, isViolation: Bool = true
    ) -> FakeResponse {
        if isViolation { withState { $0.record.violations.append("\(request.operation ?? request.path): \(message)") } }
        return Self.text(status, message + "\n")
    }

    // MARK: Who is asking

    private enum Admission {
        case passed(FakeInstance.User?)
        case refused(String)
    }

    /// Source: Sourcegraph 5.1.8, cmd/frontend/internal/httpapi/auth.go.
    private func authenticate(_ request: Request) -> Admission {
        let words = request.headers.first(name: "authorization")?.split(separator: " ", maxSplits: 1) ?? []
        // Whoever comes with another scheme, which may be meant for a gateway, comes without a token.
        guard let scheme = words.first?.lowercased(), scheme == "token" || scheme == "token-sudo" else {
            return instance.isPublic ? .passed(nil) : .refused("Private mode requires authentication.")
        }
        guard scheme == "token", words.count == 2, !words[1].contains(" ") else {
            return .refused("Invalid Authorization header.")
        }
        guard let user = instance.user(token: String(words[1])) else { return .refused("Invalid access token.") }
        return .passed(user)
    }

    // MARK: What is asked

    private func run(
        _ query: String, _ request: Request, _ name: String?, _ viewer: FakeInstance.User?
    ) -> FakeResponse {
        let document: GraphQLDocument
        let schema: GraphQLSchema
        do {
            document = try GraphQLParser.document(query)
            schema = try GraphQLSchema.of(instance.api)
        } catch let error as GraphQLSyntaxError {
            return invalid([GraphQLError(message: error.message, locations: [error.location])], request)
        } catch {
            return refuse(500, "\(error)", request)
        }
        let errors = GraphQLValidator.errors(
            in: document, schema, variables: request.variables, limits: options.limits)
        guard errors.isEmpty else { return invalid(errors, request) }
        let candidates = document.operations.filter { name == nil || $0.name == name }
        guard candidates.count == 1, let operation = candidates.first else {
            let message = name.map { "no operation with name \"\($0)\"" } ?? "more than one operation in query document"
            return invalid([GraphQLError(message: message)], request)
        }
        return withState { state in
            var resolver = FakeResolver(viewer: viewer, api: state.instance.api, schema: schema)
            resolver.repeatsPages = request.fault == .endlessPages
            var failures = state.instance.fieldErrors
            if case .fieldError(let field, let message) = request.fault { failures[field] = message }
            if operation.kind == .mutation { state.instance.beforeMutation?(&state.instance) }
            var executor = GraphQLExecutor(
                schema: schema, document: document, variables: Self.variables(request, operation), failures: failures)
            let data = executor.run(operation, resolver.root(operation.kind), &state.instance)
            state.record.violations += executor.gaps
            var answer: [String: AnyJSON] = ["data": data]
            if !executor.errors.isEmpty { answer["errors"] = .array(executor.errors.map(\.json)) }
            return .json(body: .object(answer)).adding("Cache-Control", "no-cache, max-age=0")
        }
    }

    private static func variables(_ request: Request, _ operation: GraphQLOperation) -> [String: AnyJSON] {
        operation.variables.reduce(into: request.variables) { variables, variable in
            if variables[variable.name] == nil { variables[variable.name] = variable.standard?.value([:]) }
        }
    }

    private func invalid(_ errors: [GraphQLError], _ request: Request) -> FakeResponse {
        withState { state in
            state.record.violations += errors.map { "\(request.operation ?? "a query"): \($0.message)" }
        }
        return .json(body: ["errors": .array(errors.map(\.json))])
    }
}
