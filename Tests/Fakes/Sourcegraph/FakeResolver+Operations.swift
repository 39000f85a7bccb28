import Foundation
import TestSupport

/// Migrations in the background, and executors.
extension FakeResolver {
    package func addOperations(to query: inout GraphQLObject) {
        query =
            query
            .resolving("outOfBandMigrations") { _, instance in
                try requireSiteAdmin()
                return .list(instance.migrations.map { .object(migration($0)) })
            }
            .resolving("executors") { arguments, instance in
                try requireSiteAdmin()
                return .object(try executors(arguments, instance))
            }
    }

    package func migration(_ migration: FakeInstance.OutOfBandMigration) -> GraphQLObject {
        let errors = migration.errors.map { message in
            GraphQLValue.object(
                GraphQLObject("OutOfBandMigrationError").with("message", .text(message))
                    .with("created", .date(Date())))
        }
        return GraphQLObject("OutOfBandMigration")
            .with("id", .text(Self.id("OutOfBandMigration", migration.id)))
            .with("team", .text(migration.team)).with("component", .text(migration.component))
            .with("description", .text(migration.description))
            .with("introduced", .text(migration.introduced)).with("deprecated", .text(migration.deprecated))
            .with("progress", .leaf(.number(migration.progress)))
            .with("created", .date(Date(timeIntervalSince1970: 1_620_000_000))).with("lastUpdated", .null)
            .with("nonDestructive", .bool(migration.nonDestructive))
            .with("applyReverse", .bool(migration.applyReverse)).with("errors", .list(errors))
    }

    // MARK: Executors

    private func executors(_ arguments: GraphQLObject.Arguments, _ instance: FakeInstance) throws -> GraphQLObject {
        var all = instance.executors
        // An executor is active for as long as its heart has beaten in the last 15 minutes; its own `active` is
        // stricter.
        if arguments["active"] == true { all = all.filter { $0.lastSeenAt > Date(timeIntervalSinceNow: -900) } }
        if let query = arguments["query"]?.string { all = all.filter { $0.hostname.contains(query) } }
        let offset = try arguments["after"]?.string.map { cursor in
            guard let offset = Data(base64Encoded: cursor).flatMap({ Int(String(decoding: $0, as: UTF8.self)) }) else {
                throw FakeFailure("invalid cursor")
            }
            return offset
        }
        let rest = all.dropFirst(repeatsPages ? 0 : offset ?? 0)
        let page = rest.prefix(arguments["first"]?.integer.map { Int($0) } ?? 50)
        let next = rest.count > page.count ? "\((offset ?? 0) + page.count)" : nil
        return GraphQLObject("ExecutorConnection")
            .with("nodes", .list(page.map { .object(executor($0)) })).with("totalCount", .int(all.count))
            .with("pageInfo", pageInfo(next.map { Data($0.utf8).base64EncodedString() }))
    }

    private func executor(_ executor: FakeInstance.Executor) -> GraphQLObject {
        GraphQLObject("Executor")
            .with("id", .text(Self.id("Executor", executor.id))).with("hostname", .text(executor.hostname))
            .with("queueName", .text(executor.queues.count == 1 ? executor.queues[0] : nil))
            .with("queueNames", executor.queues.count > 1 ? .texts(executor.queues) : .null)
            .with("active", .bool(executor.lastSeenAt > Date(timeIntervalSinceNow: -15)))
            .with("executorVersion", .text(executor.version))
            .with("firstSeenAt", .date(Date(timeIntervalSince1970: 1_680_000_000)))
            .with("lastSeenAt", .date(executor.lastSeenAt)).with("compatibility", .text(executor.compatibility))
    }
}
