package import FakeServer
import TestClusters
import TestSupport

extension FakeCloudSQL {
    package func listUsers() async -> FakeResponse {
        await answering {
            let list = """
                SELECT rolname, array_to_string(ARRAY(
                  SELECT pg_get_userbyid(roleid) FROM pg_auth_members WHERE member = pg_roles.oid ORDER BY 1), ',')
                FROM pg_roles WHERE rolcanlogin AND rolname NOT LIKE 'cloudsql%' ORDER BY rolname
                """
            let rows = try await self.cluster.run(list).get().flatMap(\.rows)
            let instance = self.instance
            let users: [AnyJSON] = rows.map { row in
                let roles = (row[1] ?? "").split(separator: ",").map { AnyJSON.string(String($0)) }
                return [
                    "kind": "sql#user", "name": .string(row[0] ?? ""), "host": "", "type": "BUILT_IN",
                    "project": .string(instance.project), "instance": .string(instance.name),
                    "databaseRoles": .array(roles),
                ]
            }
            return .json(body: ["kind": "sql#usersList", "items": .array(users)])
        }
    }

    /// Users that are made here may make databases and roles, and are members of `cloudsqlsuperuser` if no other roles
    /// are named.
    package func insertUser(_ request: Request) async -> FakeResponse {
        let body = request.body ?? [:]
        guard let user = body["name"]?.string, !user.isEmpty else {
            return Self.failure(400, "invalid", "Invalid request: missing user name.")  // assumed
        }
        let roles = body["databaseRoles"]?.array?.compactMap(\.string) ?? [Self.systemRole]
        var statement = "CREATE ROLE \(Self.quoted(user)) LOGIN CREATEDB CREATEROLE"
        if !roles.isEmpty { statement += " IN ROLE \(roles.map(Self.quoted).joined(separator: ", "))" }
        if let password = body["password"]?.string { statement += " PASSWORD \(Self.literal(password))" }
        return await changeUser("CREATE_USER", request, "failed to create user \(user)", statement)
    }

    /// Roles are told in the query; those in the body are not looked at.
    package func updateUser(_ request: Request) async -> FakeResponse {
        guard let user = request.query("name") ?? request.body?["name"]?.string, !user.isEmpty else {
            return Self.failure(400, "invalid", "Invalid request: missing user name.")  // assumed
        }
        if request.body?["databaseRoles"] != nil { violate("users.update: databaseRoles in the body") }
        let roles = request.query.filter { $0.name == "databaseRoles" }.map(\.value)
        var statements: [String] = []
        if let password = request.body?["password"]?.string {
            statements.append("ALTER ROLE \(Self.quoted(user)) PASSWORD \(Self.literal(password))")
        }
        if request.query("revokeExistingRoles") == "true" {
            statements.append(
                """
                DO $$ DECLARE role name; BEGIN
                  FOR role IN SELECT pg_get_userbyid(roleid) FROM pg_auth_members
                    WHERE member = (SELECT oid FROM pg_roles WHERE rolname = \(Self.literal(user))) LOOP
                    EXECUTE format('REVOKE %I FROM %I', role, \(Self.literal(user)));
                  END LOOP;
                END $$
                """)
        }
        statements += roles.map { "GRANT \(Self.quoted($0)) TO \(Self.quoted(user))" }
        if statements.isEmpty { statements = ["ALTER ROLE \(Self.quoted(user)) LOGIN"] }
        let text = statements.joined(separator: ";")
        return await changeUser("UPDATE_USER", request, "failed to update user \(user)", text)
    }

    private func changeUser(
        _ type: String, _ request: Request, _ failure: String, _ statement: String
    ) async -> FakeResponse {
        guard let name = reserve(type, request) else { return Self.isBusy }
        guard plannedFailure(of: name) == nil else { return acceptDone(name, request) }
        do {
            _ = try await cluster.run(statement).get()
            return acceptDone(name, request)
        } catch {
            withdraw(name)
            let detail = (error as? PostgresNotice)?.message ?? "\(error)"
            return Self.failure(400, "invalid", "Invalid request: \(failure). Detail: pq: \(detail)\n.")
        }
    }
}
