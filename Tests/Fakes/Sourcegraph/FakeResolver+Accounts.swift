import Foundation
import TestSupport

/// Accounts that a site admin makes and changes.
///
/// Source: Sourcegraph 5.1.8, cmd/frontend/graphqlbackend/create_user.go, randomize_user_password.go and site_admin.go.
extension FakeResolver {
    package func addAccounts(toMutation mutation: GraphQLObject) -> GraphQLObject {
        mutation
            .resolving("createUser") { arguments, instance in
                try requireSiteAdmin()
                let user = try create(arguments["username"]?.string ?? "", arguments["email"]?.string, &instance)
                return .object(
                    GraphQLObject("CreateUserResult").with("user", .object(self.user(user)))
                        .with("resetPasswordURL", .text(Self.link(user, instance))))
            }
            .resolving("randomizeUserPassword") { arguments, instance in
                try requireSiteAdmin()
                let id = try Self.number(arguments["user"]?.string ?? "", "User")
                guard let user = instance.users.first(where: { $0.id == id }) else {
                    throw FakeFailure("user not found: [\(id)]")
                }
                guard let link = Self.link(user, instance) else {
                    throw FakeFailure("resetting passwords is not enabled")
                }
                return .object(GraphQLObject("RandomizeUserPasswordResult").with("resetPasswordURL", .text(link)))
            }
            .resolving("setUserIsSiteAdmin") { arguments, instance in
                try requireSiteAdmin()
                let id = try Self.number(arguments["userID"]?.string ?? "", "User")
                guard id != viewer?.id else { throw FakeFailure("refusing to set current user site admin status") }
                guard let index = instance.users.firstIndex(where: { $0.id == id }) else {
                    throw FakeFailure("user not found: [\(id)]")
                }
                instance.users[index].siteAdmin = arguments["siteAdmin"] == true
                return .object(Self.empty)
            }
    }

    private func create(_ name: String, _ email: String?, _ instance: inout FakeInstance) throws -> FakeInstance.User {
        let isTaken = instance.users.contains { $0.username == name } || instance.organizations.contains(name)
        guard !isTaken else { throw FakeFailure("cannot create user: err_username_exists") }
        let isUsed = instance.users.contains { user in user.emails.contains { $0.verified && $0.email == email } }
        guard !isUsed else { throw FakeFailure("cannot create user: err_email_exists") }
        guard name.wholeMatch(of: /[a-zA-Z0-9](?:\w|[-.](?=\w))*/) != nil else {
            throw FakeFailure("new row for relation \"users\" violates check constraint \"users_username_valid_chars\"")
        }
        let id = (instance.users.map(\.id).max() ?? 0) + 1
        instance.users.append(
            FakeInstance.User(
                id: id, username: name, emails: email.map { [FakeInstance.User.Email(email: $0)] } ?? []))
        return instance.users[instance.users.count - 1]
    }

    /// What nobody but the operator may see.
    package static let secret = "reset-code-5f1c"

    private static func link(_ user: FakeInstance.User, _ instance: FakeInstance) -> String? {
        guard instance.authProviders.contains(where: { $0.type == "builtin" }) else { return nil }
        return "https://sourcegraph.example.com/password-reset?code=\(secret)&userID=\(user.id)"
    }
}
