import FakeGoogle
import MigrationKit
import TestClusters
import Testing

/// What the Admin API is asked besides imports and databases.
@Suite(.inTurn) struct CloudSQLAdminTests {
    /// An instance and a client of it that has a key.
    private func with(_ body: (FakeCloudSQL, CloudSQLAdmin) async throws -> Void) async throws {
        var storage = FakeGoogleStorage.Options()
        storage.requiresToken = true
        try await FakeCloudSQL.with(storage: storage) { instance, storage in
            let folder = try ScratchFolder.temporary()
            try folder.write("key.json", try storage.serviceAccountKey())
            let environment = ["CLOUDSDK_API_ENDPOINT_OVERRIDES_SQL": instance.endpoint]
            let admin = try CloudSQLAdmin(
                project: instance.instance.project, instance: instance.instance.name,
                credentials: .file(folder.file("key.json"), environment: environment), environment: environment)
            try await body(instance, admin)
            #expect(instance.violations == [])
        }
    }

    @Test func usersAreListed() async throws {
        try await with { _, admin in
            let users = try await admin.users()
            #expect(users.contains { $0.name == "sourcegraph-admin" })
        }
    }

    @Test func flagTellsWhetherItRestartsTheInstance() async throws {
        try await with { _, admin in
            let flags = try await admin.flags()
            #expect(flags.first { $0.name == "max_wal_size" }?.requiresRestart == false)
            #expect(flags.first { $0.name == "max_connections" }?.requiresRestart == true)
        }
    }

    @Test func patchReplacesAllFlagsAndNamesTheVersionThatItChanges() async throws {
        try await with { _, admin in
            let before = try await admin.get()
            let flags = (before.settings?.databaseFlags ?? []) + [CloudSQLFlag(name: "max_wal_size", value: "20480")]
            _ = try await admin.patch(flags: flags, settingsVersion: before.settings?.settingsVersion)
            let after = try await admin.get()
            #expect(after.settings?.databaseFlags == flags)
            await #expect(throws: CloudSQLRefusal.self) {
                _ = try await admin.patch(flags: [], settingsVersion: before.settings?.settingsVersion)
            }
        }
    }

    @Test func sqlIsRunWhereTheInstanceAllowsIt() async throws {
        try await with { instance, admin in
            await #expect(throws: CloudSQLRefusal.self) { _ = try await admin.executeSQL("SELECT 1", in: "pgsql") }
            instance.change { $0.allowsDataAPI = true }
            let answer = try await admin.executeSQL("SELECT 6 * 7", in: "pgsql")
            #expect(answer == "42")
            let error = await #expect(throws: MigrationError.self) {
                _ = try await admin.executeSQL("SELECT 1 / 0", in: "pgsql")
            }
            #expect(error?.message.contains("division by zero") == true)
        }
    }
}
