package import Foundation
package import MigrationKitBase
import TestSupport

/// Answers the fields of a release's schema, as one viewer sees them.
package struct FakeResolver: Sendable {
    /// nil: anonymous.
    package let viewer: FakeInstance.User?
    package let api: SourcegraphVersion
    package let schema: GraphQLSchema
    /// Whether lists that come in pages never end.
    package var repeatsPages = false

    package var isSiteAdmin: Bool { viewer?.siteAdmin == true }

    package func requireSiteAdmin() throws {
        guard viewer != nil else { throw FakeFailure.notAuthenticated }
        guard isSiteAdmin else { throw FakeFailure.notSiteAdmin }
    }

    package func requireUser() throws {
        guard viewer != nil else { throw FakeFailure.notAuthenticated }
    }

    /// Where an operation begins.
    package func root(_ kind: GraphQLOperation.Kind) -> GraphQLObject { kind == .mutation ? mutation : query }

    private var query: GraphQLObject {
        var query = GraphQLObject("Query")
            .resolving("currentUser") { _, _ in viewer.map { .object(user($0)) } ?? .null }
            .resolving("site") { _, instance in .object(site(instance)) }
            .resolving("node") { arguments, instance in
                guard let id = arguments["id"]?.string, let node = node(id, instance) else {
                    throw FakeFailure("invalid id")
                }
                return .object(node)
            }
            .resolving("settingsSubject") { arguments, instance in
                guard let id = arguments["id"]?.string, let node = node(id, instance),
                    ["Site", "User"].contains(node.type)
                else { throw FakeFailure("bad settings subject ID") }
                return .object(node)
            }
            .resolving("viewerSettings") { _, instance in .object(viewerSettings(instance)) }
            .resolving("statusMessages") { _, instance in
                .list(instance.statusMessages.map { .object(statusMessage($0, instance)) })
            }
            .resolving("__type") { arguments, _ in introspection(arguments["name"]?.string ?? "") }
        addCodeHosts(to: &query)
        addPermissions(to: &query)
        addOperations(to: &query)
        addPeople(to: &query)
        addCounts(to: &query)
        return query
    }

    /// What has an id.
    package func node(_ id: String, _ instance: FakeInstance) -> GraphQLObject? {
        guard let decoded = Self.decoded(id) else { return nil }
        if decoded == "Site:\"site\"" { return site(instance) }
        let parts = decoded.split(separator: ":")
        guard parts.count == 2, let number = Int(parts[1]) else { return nil }
        return switch parts[0] {
        case "User": instance.users.first { $0.id == number }.map(user)
        case "ExternalService":
            isSiteAdmin ? instance.externalServices.first { $0.id == number }.map(externalService) : nil
        default: nil
        }
    }

    private func statusMessage(_ message: FakeInstance.StatusMessage, _ instance: FakeInstance) -> GraphQLObject {
        GraphQLObject(message.type)
            .with("message", .text(message.message))
            .with("notIndexed", .int(0)).with("indexed", .int(0))
            .resolving("externalService") { _, instance in
                guard let service = instance.externalServices.first(where: { $0.id == message.externalService }) else {
                    throw FakeFailure("external service not found: \(message.externalService)")
                }
                return .object(externalService(service))
            }
    }

    // MARK: Ids and pages

    /// `RXh0ZXJuYWxTZXJ2aWNlOjc=` for a kind and a number, as Sourcegraph makes ids.
    package static func id(_ kind: String, _ number: Int) -> String {
        Data("\(kind):\(number)".utf8).base64EncodedString()
    }

    package static let siteID = Data("Site:\"site\"".utf8).base64EncodedString()

    private static func decoded(_ id: String) -> String? {
        Data(base64Encoded: id).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The number in an id of a kind.
    package static func number(_ id: String, _ kind: String) throws -> Int {
        let parts = decoded(id)?.split(separator: ":") ?? []
        guard parts.count == 2, parts[0] == kind, let number = Int(parts[1]) else {
            throw FakeFailure("invalid ID for \(kind): \(id)")
        }
        return number
    }

    /// What is told of a page: the cursor, if there is another page.
    package func pageInfo(_ cursor: String?) -> GraphQLValue {
        let cursor = cursor ?? (repeatsPages ? "bmV2ZXIgZW5kaW5n" : nil)
        return .object(
            GraphQLObject("PageInfo").with("endCursor", .text(cursor)).with("hasNextPage", .bool(cursor != nil)))
    }

    /// A connection of which only the number is told.
    package func count(_ type: String, _ number: Int) -> GraphQLObject {
        GraphQLObject(type).with("totalCount", .int(number)).with("pageInfo", pageInfo(nil))
    }
}

extension GraphQLValue {
    /// A point in time as Sourcegraph has it.
    package static func date(_ date: Date?) -> Self { .text(date?.formatted(.iso8601)) }
}
