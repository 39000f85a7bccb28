import Testing

@testable import MigrationKitBase
@testable import MigrationKitHTTP

@Suite struct HTTPProxyTests {
    private func proxy(_ text: String) throws -> HTTPProxy { try HTTPProxy(Secret(text), source: "SRC_PROXY") }

    @Test func formsOfSRCPROXYAreKnown() throws {
        let forms: [(String, HTTPProxy)] = [
            ("http://proxy", HTTPProxy(.http, host: "proxy", port: 80)),
            ("HTTP://proxy:3128/", HTTPProxy(.http, host: "proxy", port: 3128)),
            ("https://proxy", HTTPProxy(.https, host: "proxy", port: 443)),
            (
                "https://me:p%40%2Fss@proxy:8080",
                HTTPProxy(.https, host: "proxy", port: 8080, user: "me", password: Secret("p@/ss"))
            ),
            ("http://me@proxy", HTTPProxy(.http, host: "proxy", port: 80, user: "me")),
            ("socks5://proxy:9050", HTTPProxy(.socks, host: "proxy", port: 9050)),
            ("socks5h://proxy", HTTPProxy(.socks, host: "proxy", port: 1080)),
            ("socks://proxy", HTTPProxy(.socks, host: "proxy", port: 1080)),
            ("http://[::1]:3128", HTTPProxy(.http, host: "::1", port: 3128)),
            ("/run/src-proxy.sock", HTTPProxy(.unixSocket, host: "/run/src-proxy.sock")),
            ("unix:///run/src-proxy.sock", HTTPProxy(.unixSocket, host: "/run/src-proxy.sock")),
            ("proxy.sock", HTTPProxy(.unixSocket, host: "proxy.sock")),
        ]
        for (text, expected) in forms { #expect(try proxy(text) == expected, "\(text)") }
    }

    @Test(arguments: [
        "", "://", "http://", "http://:hunter2@", "ftp://hunter2@proxy", "proxy:3128", "http://proxy:70000",
        "http://proxy:0", "unix://", "http://hunter2 proxy", "/" + String(repeating: "a", count: 200),
    ])
    func whatNamesNoProxyIsRefusedAndNotShown(text: String) {
        let error = #expect(throws: MigrationError.self) { try proxy(text) }
        #expect(error?.code == .usage)
        #expect(error?.message == "SRC_PROXY is not a valid proxy.")
        #expect(error?.description.contains("hunter2") == false)
    }

    @Test func passwordForSOCKSIsRefusedAndNotShown() {
        let error = #expect(throws: MigrationError.self) { try proxy("socks5://me:hunter2@proxy") }
        #expect(error?.code == .usage)
        #expect(error?.message.contains("SOCKS") == true)
        #expect(error?.description.contains("hunter2") == false)
    }
}
