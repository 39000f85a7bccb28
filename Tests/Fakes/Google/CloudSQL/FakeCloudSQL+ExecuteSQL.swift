package import FakeServer
import TestClusters
import TestSupport

extension FakeCloudSQL {
    /// A batch is one transaction; what is wrong with it is told in an answer that is 200.
    package func executeSQL(_ request: Request) async -> FakeResponse {
        let body = request.body ?? [:]
        guard instance.allowsDataAPI else {
            // Status and text are assumed.
            return Self.failure(
                400, "invalid", "Invalid request: Data API access is not allowed on the instance. Set dataApiAccess.")
        }
        guard let statement = body["sqlStatement"]?.string, !statement.isEmpty else {
            return Self.failure(400, "required", "Missing parameter: sqlStatement.")
        }
        guard let database = body["database"]?.string, !database.isEmpty else {
            return Self.failure(400, "required", "Missing parameter: database.")
        }
        var user: String?
        if body["autoIamAuthn"] == true {
            user = options.iamUser
        } else if let name = body["user"]?.string {
            let secret = /projects\/[^\/]+\/locations\/([^\/]+)\/secrets\/[^\/]+\/versions\/[^\/]+/
            let match = body["passwordSecretVersion"]?.string.flatMap { $0.wholeMatch(of: secret) }
            // The secret's value is taken to be right.
            if let match, match.1 == instance.region { user = name }
        }
        guard let user else {
            violate("instances.executeSql: neither autoIamAuthn nor a user with a secret of the instance's region")
            return Self.failure(400, "invalid", "Invalid request: no way to log in to the database.")
        }
        do {
            let settings = ["statement_timeout": "\(Int(options.executeSQLLimit / .milliseconds(1)))ms"]
            return try await cluster.server.session(in: database, as: user, settings: settings) { session in
                _ = try await session.query("BEGIN").get()
                let answer = try await session.query(statement)
                var types: [UInt32: String] = [:]
                if answer.error == nil {
                    if let error = try await session.query("COMMIT").error { throw error }
                    types = try await Self.types(of: answer, in: &session)
                }
                return response(to: body, answer, types)
            }
        } catch let error as PostgresNotice {
            return .json(body: Self.answer([], Self.status(error), []))
        } catch {
            return Self.failure(500, "internalError", "\(error)")
        }
    }

    private func response(to body: AnyJSON, _ answer: PostgresAnswer, _ types: [UInt32: String]) -> FakeResponse {
        if answer.error?.code == "57014" {
            return Self.failure(400, "invalid", "The statement timed out due to a limit of 30 seconds.")
        }
        if let error = answer.error { return .json(body: Self.answer([], Self.status(error), answer.notices)) }
        let limit = body["rowLimit"]?.string.flatMap { Int($0) } ?? .max
        var (bytes, isPartial) = (0, false)
        let results = answer.results.filter { !$0.tag.isEmpty }.map { result -> AnyJSON in
            var rows: [AnyJSON] = []
            var isCut = false
            for row in result.rows.prefix(limit) {
                bytes += row.reduce(0) { $0 + ($1?.utf8.count ?? 0) }
                guard bytes <= options.executeSQLBytes else {
                    isCut = true
                    break
                }
                rows.append(["values": .array(row.map { $0.map { ["value": .string($0)] } ?? ["nullValue": true] })])
            }
            var fields: [String: AnyJSON] = ["message": .string(result.tag)]
            if !result.columns.isEmpty {
                fields["columns"] = .array(
                    result.columns.map { ["name": .string($0.name), "type": .string(types[$0.type] ?? "UNKNOWN")] })
                fields["rows"] = .array(rows)
            }
            if isCut { (fields["partialResult"], isPartial) = (true, true) }
            return .object(fields)
        }
        guard !isPartial || body["partialResultMode"] == "ALLOW_PARTIAL_RESULT" else {
            // The text is assumed.
            return Self.failure(400, "invalid", "The result exceeds the limit of 10 MB.")
        }
        return .json(body: Self.answer(results, nil, answer.notices))
    }

    private static func answer(
        _ results: [AnyJSON], _ status: AnyJSON?, _ notices: [PostgresNotice]
    ) -> AnyJSON {
        var fields: [String: AnyJSON] = ["metadata": ["sqlStatementExecutionTime": "0.002s"]]
        if !results.isEmpty { fields["results"] = .array(results) }
        if !notices.isEmpty {
            fields["messages"] = .array(
                notices.map {
                    ["severity": .string($0.severity), "message": .string("\($0.severity): \($0.message)")]
                })
        }
        fields["status"] = status
        return .object(fields)
    }

    private static func status(_ error: PostgresNotice) -> AnyJSON {
        ["code": 3, "message": .string("\(error.severity): \(error.message) (SQLSTATE \(error.code))")]
    }

    /// The names of the columns' types, in capitals; that they are told so is assumed.
    private static func types(
        of answer: PostgresAnswer, in session: inout PostgresSession
    ) async throws -> [UInt32: String] {
        let all = Set(answer.results.flatMap(\.columns).map(\.type))
        guard !all.isEmpty else { return [:] }
        let list = all.map(String.init).joined(separator: ", ")
        let rows = try await session.query("SELECT oid, upper(typname) FROM pg_type WHERE oid IN (\(list))").get()
            .flatMap(\.rows)
        return rows.reduce(into: [:]) { types, row in
            if let oid = row[0].flatMap({ UInt32($0) }) { types[oid] = row[1] }
        }
    }
}
