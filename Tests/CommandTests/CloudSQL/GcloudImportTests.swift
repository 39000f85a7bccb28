import FakeGoogle
import Foundation
import NIOCore
import SystemPackage
import TestClusters
import Testing

/// Google's own program takes the fake for the real thing.
@Suite(.inTurn) struct GcloudImportTests {
    private static let gcloud = "/usr/bin/gcloud"

    private func gcloud(_ arguments: [String], _ fake: FakeCloudSQL, in place: Workplace) async throws
        -> Workplace.Finished
    {
        try place.folder.write("token", fake.token())
        let environment = [
            "CLOUDSDK_API_ENDPOINT_OVERRIDES_SQL": fake.endpoint + "/", "CLOUDSDK_CORE_DISABLE_PROMPTS": "1",
            "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE": place.folder.file("token").string,
            "CLOUDSDK_CONFIG": place.folder.file("gcloud").string, "CLOUDSDK_CORE_CHECK_GCE_METADATA": "false",
            "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING": "true", "CLOUDSDK_CORE_PROJECT": fake.instance.project,
            "CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK": "true",
        ]
        return try await place.run(Self.gcloud, ["sql"] + arguments, environment: environment)
    }

    @Test func gcloudImportsAndTellsHowItFailed() async throws {
        guard FileManager.default.isExecutableFile(atPath: Self.gcloud) else {
            return print("Nothing is shown of gcloud: there is no \(Self.gcloud).")
        }
        let place = try await Workplace()
        try await FakeCloudSQL.with { fake, storage in
            storage.add(
                "bucket", "good.sql", ByteBuffer(string: "CREATE TABLE t (a int);\nINSERT INTO t VALUES (7);\n"))
            let instance = fake.instance.name
            let good = try await gcloud(
                ["import", "sql", instance, "gs://bucket/good.sql", "--database=pgsql"], fake, in: place)
            #expect(good.exit == 0, "\(good.errors)")
            #expect(try await fake.sql("SELECT a FROM t") == "7")

            storage.add("bucket", "bad.sql", ByteBuffer(string: "CREATE TABLE t (a int);\n"))
            let bad = try await gcloud(
                ["import", "sql", instance, "gs://bucket/bad.sql", "--database=pgsql", "--user=sourcegraph-admin"],
                fake,
                in: place)
            #expect(bad.exit == 1 && bad.errors.contains("[ERROR_RDBMS] exit status 3"), "\(bad.errors)")
            #expect(bad.errors.contains("ERROR:  relation \"t\" already exists"), "\(bad.errors)")
            let again = try await gcloud(["databases", "create", "pgsql", "--instance=\(instance)"], fake, in: place)
            #expect(again.exit == 1 && again.errors.contains("already exists"), "\(again.errors)")
            #expect(fake.violations == [], "\(fake.requests.map(\.path))")
        }
    }
}
