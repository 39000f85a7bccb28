import AsyncHTTPClient
import Foundation
import NIOCore
package import NIOHTTP1
package import TestSupport

/// Requests to a fake instance, put together by hand: what it is asked is what is written in the test.
package struct CloudSQLClient: Sendable {
    package let fake: FakeCloudSQL
    package let token: String

    package init(_ fake: FakeCloudSQL, scopes: [String] = ["https://www.googleapis.com/auth/cloud-platform"]) {
        (self.fake, token) = (fake, fake.token(scopes: scopes))
    }

    /// A fake, its storage and a client for as long as the body runs.
    package static func with<Value: Sendable>(
        _ options: FakeCloudSQL.Options = .init(),
        _ body: (FakeCloudSQL, FakeGoogleStorage, CloudSQLClient) async throws -> Value
    ) async throws -> Value {
        try await FakeCloudSQL.with(options) { fake, storage in
            try await body(fake, storage, CloudSQLClient(fake))
        }
    }

    /// - Parameter path: Behind the project; behind the instance if it begins with no slash.
    package func send(
        _ method: HTTPMethod, _ path: String, _ body: AnyJSON? = nil
    ) async throws -> (status: Int, json: AnyJSON) {
        let instance = fake.options.instance
        let place = "/v1/projects/\(instance.project)" + (path.hasPrefix("/") ? "" : "/instances/\(instance.name)/")
        var request = HTTPClientRequest(url: fake.endpoint + place + path)
        request.method = method
        request.headers.add(name: "Authorization", value: "Bearer \(token)")
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(string: body.text))
        }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
        let bytes = try await response.body.collect(upTo: 1 << 26)
        return (Int(response.status.code), AnyJSON(parsing: bytes.readableBytesView) ?? .null)
    }

    /// The message of an error, and its status and reason.
    package func refusal(_ method: HTTPMethod, _ path: String, _ body: AnyJSON? = nil) async throws -> String {
        let (status, json) = try await send(method, path, body)
        let error = json["error"]?["errors"]?.array?.first
        return "\(status) \(error?["reason"]?.string ?? "?"): \(error?["message"]?.string ?? json.text)"
    }

    /// Puts a dump into the bucket and imports it.
    ///
    /// - Returns: The answer.
    package func startImport(
        _ text: String, into database: String = "pgsql", as user: String? = nil, name: String = "a.sql"
    ) async throws -> (status: Int, json: AnyJSON) {
        fake.storage.add("bucket", name, ByteBuffer(string: text))
        return try await send(.POST, "import", Self.importBody(name, database, user))
    }

    package static func importBody(_ name: String, _ database: String = "pgsql", _ user: String? = nil) -> AnyJSON {
        var context: [String: AnyJSON] = [
            "kind": "sql#importContext", "fileType": "SQL", "uri": .string("gs://bucket/\(name)"),
            "database": .string(database),
        ]
        context["importUser"] = user.map { .string($0) }
        return ["importContext": .object(context)]
    }

    /// An operation as it is told when it is done.
    package func done(_ started: (status: Int, json: AnyJSON)) async throws -> AnyJSON {
        let name = started.json["name"]?.string ?? "none"
        try await fake.waitUntil { record in record.operations.contains { $0.name == name && $0.status == .done } }
        return try await send(.GET, "/operations/\(name)").json
    }

    /// The message of an import that has failed; empty if it has not.
    package func importError(_ text: String, into database: String = "pgsql", as user: String? = nil) async throws
        -> String
    {
        try await done(startImport(text, into: database, as: user))["error"]?["errors"]?.array?.first?["message"]?
            .string ?? ""
    }
}
