import FakeGoogle
import Foundation
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

/// What an operator reads, and how an account comes by a token for it.
@Suite(.timeLimit(.minutes(30))) struct FakeReadingTests {
    private static var reading: FakeGoogleStorage.Options {
        var options = FakeGoogleStorage.Options()
        options.permissions = FakeGoogleStorage.Options.objectViewer
        return options
    }

    @Test func objectIsReadWholeAndInPieces() async throws {
        try await RawClient.with(Self.reading) { fake, client in
            let object = fake.add("b", "a/dump.sql", ByteBuffer(string: "0123456789"))
            let target = "/storage/v1/b/b/o/a%2Fdump.sql"
            let metadata = try await client.send(.GET, target).json
            #expect(metadata["size"] == "10" && metadata["name"] == "a/dump.sql")
            #expect(metadata["generation"] == .string(String(object.generation)))
            #expect(metadata["crc32c"] == .string(FakeChecksum.text(object.crc32c)))

            let whole = try await client.send(.GET, "\(target)?alt=media&generation=\(object.generation)")
            #expect(whole.status == 200 && whole.body == "0123456789")
            #expect(whole.header("x-goog-hash") == "crc32c=\(FakeChecksum.text(object.crc32c))")
            for (range, body) in [("2-4", "234"), ("7-", "789"), ("-2", "89"), ("8-99", "89")] {
                let piece = try await client.send(.GET, "\(target)?alt=media", ["Range": "bytes=\(range)"])
                #expect(piece.status == 206 && piece.body == body)
            }
            let beyond = try await client.send(.GET, "\(target)?alt=media", ["Range": "bytes=10-"])
            #expect(beyond.status == 416)
            #expect(try await client.send(.GET, "\(target)?generation=1").status == 404)
            #expect(try await client.send(.GET, "/storage/v1/b/b/o/none").status == 404)
            #expect(fake.violations == [])
        }
    }

    @Test func objectsAreListedPageByPage() async throws {
        try await RawClient.with(Self.reading) { fake, client in
            for name in ["other/1", "x/1", "x/2", "x/10", "y"] { fake.add("b", name, ByteBuffer()) }
            var (names, token) = ([[String]](), "")
            repeat {
                let more = token.isEmpty ? "" : "&pageToken=\(token.replacing("=", with: "%3D"))"
                let page = try await client.send(.GET, "/storage/v1/b/b/o?prefix=x/&maxResults=2\(more)").json
                names.append(page["items"]?.array?.compactMap { $0["name"]?.string } ?? [])
                token = page["nextPageToken"]?.string ?? ""
            } while !token.isEmpty
            #expect(names == [["x/1", "x/10"], ["x/2"]])
        }
    }

    // MARK: Tokens

    private static func assertion(_ fake: FakeGoogleStorage, _ changes: [String: AnyJSON] = [:]) throws -> String {
        func text(_ bytes: Data) -> String {
            bytes.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        }
        let account = try FakeServiceAccount.shared.get()
        let now = Int64(Date().timeIntervalSince1970)
        let header: AnyJSON = ["alg": "RS256", "typ": "JWT", "kid": .string(account.keyID)]
        let claims: [String: AnyJSON] = [
            "iss": .string(account.email), "scope": "https://www.googleapis.com/auth/devstorage.read_write",
            "aud": .string(fake.endpoint + "/token"), "iat": .integer(now), "exp": .integer(now + 3600),
        ]
        let signed = AnyJSON.object(claims.merging(changes) { _, new in new })
        let bytes = text(Data(header.text.utf8)) + "." + text(Data(signed.text.utf8))
        return bytes + "." + text(try account.signature(of: Data(bytes.utf8)))
    }

    private static func ask(_ client: RawClient, _ path: String, _ form: String) async throws -> RawClient.Answer {
        try await client.send(.POST, path, ["Content-Type": "application/x-www-form-urlencoded"], text: form)
    }

    private static func grant(_ assertion: String) -> String {
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=\(assertion)"
    }

    @Test func serviceAccountGetsATokenThatCanExpire() async throws {
        var options = FakeGoogleStorage.Options()
        options.requiresToken = true
        try await RawClient.with(options) { fake, client in
            let denied = try await client.send(.POST, "/b/o?uploads")
            #expect(denied.status == 401 && denied.element("Code") == "AuthenticationRequired")
            let answer = try await Self.ask(client, "/token", Self.grant(try Self.assertion(fake))).json
            let token = try #require(answer["access_token"]?.string)
            #expect(answer["expires_in"] == 3600 && answer["token_type"] == "Bearer")
            let bearer: HTTPHeaders = ["Authorization": "Bearer \(token)"]
            #expect(try await client.send(.POST, "/b/o?uploads", bearer).status == 200)
            fake.expireAllTokens()
            #expect(try await client.send(.POST, "/b/o?uploads", bearer).status == 401)
            #expect(fake.grants.map(\.kind) == [.serviceAccount])
            #expect(try fake.serviceAccountKey().contains("-----BEGIN PRIVATE KEY-----"))
        }
    }

    @Test func assertionThatIsNotRightGetsNoToken() async throws {
        try await RawClient.with { fake, client in
            let now = Int64(Date().timeIntervalSince1970)
            let wrong: [[String: AnyJSON]] = [
                ["iss": "other@example.com"], ["aud": "https://oauth2.googleapis.com/token"], ["scope": ""],
                ["exp": .integer(now + 7200)], ["iat": .integer(now - 7200), "exp": .integer(now - 3600)],
            ]
            for change in wrong {
                let answer = try await Self.ask(client, "/token", Self.grant(try Self.assertion(fake, change)))
                #expect(answer.status == 400, "\(change)")
            }
            let pieces = try Self.assertion(fake).split(separator: ".")
            let other = try Self.assertion(fake, ["jti": "1"]).split(separator: ".")
            let answer = try await Self.ask(
                client, "/token", Self.grant("\(pieces[0]).\(pieces[1]).\(other[2])"))
            let expected: AnyJSON = [
                "error": "invalid_grant", "error_description": "Invalid JWT Signature.",
            ]
            #expect(answer.status == 400 && answer.json == expected)
            #expect(fake.grants == [])
        }
    }

    @Test func otherAccountsGetTokensToo() async throws {
        var options = FakeGoogleStorage.Options()
        options.requiresToken = true
        try await RawClient.with(options) { fake, client in
            let scope = "https://www.googleapis.com/auth/cloud-platform"
            let user = "client_id=\(options.clientID)&client_secret=\(options.clientSecret)&refresh_token="
            let refresh = "grant_type=refresh_token&\(user)"
            let refreshed = try await Self.ask(client, "/token", refresh + "1%2F%2Frefresh-token").json
            #expect(try await Self.ask(client, "/token", refresh + "other").status == 400)
            let exchange =
                "grant_type=urn:ietf:params:oauth:grant-type:token-exchange&audience=pool&scope=\(scope)"
                + "&requested_token_type=urn:ietf:params:oauth:token-type:access_token&subject_token=subject-token"
                + "&subject_token_type=urn:ietf:params:oauth:token-type:jwt"
            #expect(try await Self.ask(client, "/sts", exchange).status == 200)

            let token = refreshed["access_token"]?.string ?? ""
            let impersonated = try await client.send(
                .POST, "/v1/projects/-/serviceAccounts/up@x.iam.gserviceaccount.com:generateAccessToken",
                ["Authorization": "Bearer \(token)", "Content-Type": "application/json"],
                text: #"{"scope": ["\#(scope)"], "lifetime": "3600s", "delegates": ["d"]}"#)
            #expect(impersonated.json["accessToken"]?.string != nil && impersonated.json["expireTime"] != nil)

            let path = "/computeMetadata/v1/instance/service-accounts/default/token"
            #expect(try await client.send(.GET, path).status == 403)
            let instance = try await client.send(.GET, path, ["Metadata-Flavor": "Google"])
            #expect(instance.json["access_token"]?.string?.isEmpty == false)
            #expect(fake.grants.map(\.kind) == [.refreshToken, .exchange, .impersonation, .instance])
            #expect(fake.grants[2].subject == "up@x.iam.gserviceaccount.com" && fake.grants[2].delegates == ["d"])
            #expect(fake.violations == [])
        }
    }
}
