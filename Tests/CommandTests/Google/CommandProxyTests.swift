import FakeGoogle
import Foundation
import MigrationKit
import TestClusters
import TestSupport
import Testing

/// A company's proxy between the customer and Google.
@Suite(.inTurn) struct CommandProxyTests {
    /// Uploads by a name that only the proxy knows.
    private func upload(
        _ place: CommandPlace, _ environment: [String: String], _ options: String...
    ) async throws -> Workplace.Finished {
        var variables = environment
        let port = place.fake.authority.drop { $0 != ":" }
        variables["STORAGE_EMULATOR_HOST"] = "http://storage.test\(port)"
        return try await place.workplace.run(
            BuiltPrograms.path("src-snapshot"),
            ["upload", "-bucket=bucket", "-file=primary.sql", "--partial", "--part-size=5", "--retry-for=0"] + options,
            environment: variables)
    }

    /// A fake that asks for no tokens, as it is where an emulator is named.
    private func with(_ body: (CommandPlace) async throws -> Void) async throws {
        try await FakeGoogleStorage.running { fake in
            let place = CommandPlace(workplace: try await Workplace(), fake: fake)
            try place.write(CommandDump.medium.text, as: .primary)
            try await body(place)
            #expect(fake.violations == [])
        }
    }

    @Test(arguments: ["HTTP_PROXY", "http_proxy"])
    func uploadTakesTheProxy(variable: String) async throws {
        try await with { place in
            try await CommandRelay.with(.proxy(), to: place.fake) { proxy in
                let uploaded = try await upload(place, [variable: "http://127.0.0.1:\(proxy.port)"])
                #expect(uploaded.exit == 0, "\(uploaded.errors)")
                #expect(place.object("primary.sql") == CommandDump.medium.rewritten)
                let wanted = "CONNECT storage.test\(place.fake.authority.drop { $0 != ":" }) HTTP/1.1\r\n"
                #expect(!proxy.asked.isEmpty && proxy.asked.allSatisfy { $0.hasPrefix(wanted) }, "\(proxy.asked)")
            }
        }
    }

    @Test func proxyGetsItsNameAndPasswordAndNobodyElseDoes() async throws {
        try await with { place in
            try await CommandRelay.with(.proxy(), to: place.fake) { proxy in
                let uploaded = try await upload(
                    place, ["HTTP_PROXY": "http://me:pass%2Fword@127.0.0.1:\(proxy.port)"], "-v")
                #expect(uploaded.exit == 0, "\(uploaded.errors)")
                let header = "Basic \(Data("me:pass/word".utf8).base64EncodedString())\r\n"
                #expect(proxy.asked.allSatisfy { $0.contains(header) }, "\(proxy.asked)")
                let all = place.fake.requests.flatMap { $0.headers.map(\.value) }
                #expect(all.allSatisfy { !$0.hasPrefix("Basic ") })
                #expect(!uploaded.errors.contains("word"))
            }
        }
    }

    static let refusals = [
        (
            "407 Proxy Authentication Required",
            "The proxy for storage.test requires a user name and a password."
        ),
        ("403 Forbidden", "The proxy refused to connect to storage.test."),
        ("502 Bad Gateway", "The proxy refused to connect to storage.test."),
    ]

    @Test(arguments: refusals)
    func refusalOfTheProxyIsTold(refusal: String, sentence: String) async throws {
        try await with { place in
            try await CommandRelay.with(.proxy(refusal: refusal), to: place.fake) { proxy in
                let refused = try await upload(place, ["HTTP_PROXY": "http://me:secret@127.0.0.1:\(proxy.port)"])
                #expect(refused.exit == 3)
                #expect(refused.errors.contains(sentence), "\(refused.errors)")
                #expect(!refused.errors.contains("secret"))
                #expect(place.fake.requests.isEmpty)
            }
        }
    }

    @Test func exceptionGoesPastTheProxy() async throws {
        try await with { place in
            try await CommandRelay.with(.proxy(), to: place.fake) { proxy in
                let variables = ["HTTP_PROXY": "http://127.0.0.1:\(proxy.port)", "NO_PROXY": "example.com,.test"]
                let failed = try await upload(place, variables)
                #expect(failed.exit == 3)
                #expect(failed.errors.contains("cannot resolve host name storage.test"), "\(failed.errors)")
                #expect(proxy.asked == [])
            }
        }
    }

    @Test func proxyThatIsNotThereIsToldWithItsHost() async throws {
        try await with { place in
            let nobody = SilentPort()
            defer { withExtendedLifetime(nobody) {} }
            let failed = try await upload(place, ["HTTP_PROXY": "http://127.0.0.1:\(nobody.port)"])
            #expect(failed.exit == 3)
            #expect(failed.errors.contains("cannot connect to storage.test: connection refused"), "\(failed.errors)")
        }
    }

    @Test(arguments: ["HTTPS_PROXY", "HTTP_PROXY"])
    func proxyThatCannotBeUsedIsWrongUsage(variable: String) async throws {
        try await with { place in
            let refused = try await upload(place, [variable: "socks5://me:secret@proxy:1080"])
            #expect(refused.exit == 2)
            #expect(refused.errors.contains("\(variable) is not a valid proxy."), "\(refused.errors)")
            #expect(!refused.errors.contains("secret") && place.fake.requests.isEmpty)
        }
    }
}
