/// An account on an instance.
package struct InstanceUser: Decodable, Sendable {
    var id: String
    package var username: String
    package var siteAdmin: Bool
    var emails: [Email]

    struct Email: Decodable, Sendable {
        var email: String
        /// Whether its owner has proved it. Anybody can add any address to their own account.
        var verified: Bool
    }

    static let fields = "id username siteAdmin emails { email verified }"

    /// Whether the account has an address; nil: it has not, else whether that is verified.
    package func verification(of address: String) -> Bool? {
        let found = emails.filter { $0.email.lowercased() == address.lowercased() }
        return found.isEmpty ? nil : found.contains(where: \.verified)
    }

    /// A name for an account, made of an address's part before `@`.
    ///
    /// Source: Sourcegraph 5.1.8, cmd/frontend/auth/normalize_username.go: letters, digits and underscores, with single
    /// dots and hyphens between them.
    package static func name(for address: String) -> String {
        let local = address.prefix { $0 != "@" }
        let replaced = local.unicodeScalars.map { scalar -> Character in
            let isAllowed = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
            return isAllowed || scalar == "_" || scalar == "." ? Character(scalar) : "-"
        }
        var name = ""
        for character in replaced {
            if ".-".contains(character), name.last.map({ ".-".contains($0) }) ?? true { continue }
            name.append(character)
        }
        while let last = name.last, ".-".contains(last) { name.removeLast() }
        let kept = name.drop { $0 == "_" || $0 == "." || $0 == "-" }
        return kept.isEmpty ? "admin" : String(kept.prefix(200))
    }
}

extension SourcegraphInstance {
    /// The account of a name; nil: there is none.
    package func user(named name: String) async throws -> InstanceUser? {
        try await user("username", name)
    }

    /// The accounts that have an address, that which has proved it first.
    package func users(withEmail address: String) async throws -> [InstanceUser] {
        if let user = try await user("email", address), user.verification(of: address) == true { return [user] }
        // No query finds an address that was not verified.
        var found: [InstanceUser] = []
        try await forEachUser { user in
            if user.verification(of: address) != nil { found.append(user) }
        }
        return found.sorted { $0.verification(of: address) == true && $1.verification(of: address) == false }
    }

    private func user(_ argument: String, _ value: String) async throws -> InstanceUser? {
        struct Answer: Decodable, Sendable { var user: InstanceUser? }
        let query = GraphQLQuery(
            "User", "$value: String!", "user(\(argument): $value) { \(InstanceUser.fields) }",
            variables: ["value": .string(value)])
        return try await ask(query, as: Answer.self, "The account of the administrator").user
    }

    private func forEachUser(_ body: (InstanceUser) -> Void) async throws {
        let what = "The list of users"
        if api >= .pagesUsers {
            let text = """
                page: users(first: $first, after: $after) \
                { totalCount nodes { \(InstanceUser.fields) } pageInfo { hasNextPage endCursor } }
                """
            return try await forEachPage(of: InstanceUser.self, what) { cursor in
                GraphQLQuery(
                    "Users", "$first: Int, $after: String", text,
                    variables: ["first": .number(Double(Self.pageSize)), "after": cursor])
            } _: { page in
                page.nodes.forEach(body)
                return true
            }
        }
        let query = GraphQLQuery("Users", "", "page: users { totalCount nodes { \(InstanceUser.fields) } }")
        let page = try await ask(query, as: PagedAnswer<InstanceUser>.self, what).page
        page.nodes.forEach(body)
        guard page.nodes.count == page.totalCount ?? page.nodes.count else {
            throw MigrationError(.failed, "\(what) is incomplete.", next: "Run the same command again.")
        }
    }

    // MARK: Changes

    /// Makes an account that has no password yet.
    ///
    /// - Returns: The account's id, and the link to set a password with; nil where no accounts with passwords are
    ///   allowed.
    /// - Throws: ``GraphQLErrors`` if the instance refuses; ``MigrationError`` for all else.
    package func createUser(_ name: String, email: String) async throws -> Secret? {
        struct Answer: Decodable, Sendable {
            var createUser: Result
            struct Result: Decodable { var resetPasswordURL: String? }
        }
        var query = GraphQLQuery(
            name: "CreateUser",
            text: """
                mutation CreateUser($username: String!, $email: String) \
                { createUser(username: $username, email: $email) { resetPasswordURL } }
                """,
            variables: ["username": .string(name), "email": .string(email)])
        query.isConfidential = true
        let answer = try await answer(query, as: Answer.self, "Creating the account \(name)")
        return answer.createUser.resetPasswordURL.map { Secret($0) }
    }

    /// Takes an account's password away.
    ///
    /// - Returns: The link to set another one with; nil where no accounts with passwords are allowed.
    package func resetPassword(of user: InstanceUser) async throws -> Secret? {
        struct Answer: Decodable, Sendable {
            var randomizeUserPassword: Result
            struct Result: Decodable { var resetPasswordURL: String? }
        }
        var query = GraphQLQuery(
            name: "ResetPassword",
            text: "mutation ResetPassword($user: ID!) { randomizeUserPassword(user: $user) { resetPasswordURL } }",
            variables: ["user": .string(user.id)])
        query.isConfidential = true
        let answer = try await ask(query, as: Answer.self, "The password link for \(user.username.printable)")
        return answer.randomizeUserPassword.resetPasswordURL.map { Secret($0) }
    }

    /// Makes an account a site admin's.
    package func makeSiteAdmin(_ user: InstanceUser) async throws {
        let query = GraphQLQuery(
            name: "SetSiteAdmin",
            text:
                "mutation SetSiteAdmin($user: ID!) { setUserIsSiteAdmin(userID: $user, siteAdmin: true) { alwaysNil } }",
            variables: ["user": .string(user.id)])
        _ = try await ask(query, as: JSONValue.self, "Making \(user.username.printable) a site admin")
    }
}

extension SourcegraphVersion {
    /// The first that lists users page by page; those before give all at once where no number is asked for.
    static let pagesUsers = SourcegraphVersion(4, 0)
}
