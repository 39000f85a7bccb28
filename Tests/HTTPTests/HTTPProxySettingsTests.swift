import Foundation
import Testing

@testable import MigrationKitBase
@testable import MigrationKitHTTP

@Suite struct HTTPProxySettingsTests {
    private func host(_ url: String, _ environment: [String: String]) throws -> String? {
        try HTTPProxySettings(environment: environment).proxy(for: #require(URL(string: url)))?.host
    }

    private static let proxy = ["HTTPS_PROXY": "http://secure:3128", "HTTP_PROXY": "plain:8080"]

    @Test func schemeDecidesOnTheProxy() throws {
        #expect(try host("https://storage.googleapis.com/", Self.proxy) == "secure")
        #expect(try host("http://storage.googleapis.com/", Self.proxy) == "plain")
        #expect(try host("https://storage.googleapis.com/", ["HTTP_PROXY": "plain:8080"]) == nil)
        #expect(try host("https://h/", ["https_proxy": "small:1"]) == "small")
        #expect(try host("https://h/", ["HTTPS_PROXY": "", "https_proxy": "small:1"]) == "small")
    }

    @Test func nameAndPasswordAreDecodedAndNotShown() throws {
        let settings = try HTTPProxySettings(environment: ["HTTPS_PROXY": "http://me:p%40ss@proxy"])
        let proxy = try #require(settings.all.first)
        #expect(proxy.port == 80)
        #expect(proxy.user == "me")
        #expect(proxy.password?.revealed == "p@ss")
        #expect(!"\(settings)".contains("p@ss"))
    }

    @Test func proxyMayBeInsideOfTLS() throws {
        let settings = try HTTPProxySettings(environment: ["HTTPS_PROXY": "https://me:p%40ss@proxy"])
        let proxy = HTTPProxy(.https, host: "proxy", port: 443, user: "me", password: Secret("p@ss"))
        #expect(settings.all == [proxy])
    }

    @Test(arguments: ["socks5://h:1", "http://", "http://:hunter2@:1", "::", "https://", "https://hunter2@h:99999"])
    func proxyThatCannotBeUsedIsNamedWithoutItsURL(value: String) {
        let error = #expect(throws: MigrationError.self) {
            try HTTPProxySettings(environment: ["HTTPS_PROXY": value])
        }
        #expect(error?.code == .usage)
        #expect(error?.description.contains("HTTPS_PROXY") == true)
        #expect(error?.description.contains("hunter2") == false)
    }

    @Test(arguments: [
        "googleapis.com", ".googleapis.com", "*.googleapis.com", "*", "a.b,storage.googleapis.com", "x GOOGLEAPIS.COM",
        "storage.googleapis.com:443", "googleapis.com:443",
    ])
    func exceptionCoversItsNameAndAllBelow(exception: String) throws {
        let environment = Self.proxy.merging(["NO_PROXY": exception]) { $1 }
        #expect(try host("https://storage.googleapis.com/b", environment) == nil)
        #expect(try host("https://storage.googleapis.com:443/b", environment) == nil)
    }

    @Test(arguments: [
        "apis.com", "storage.googleapis.com:80", "example.com", "", ",", ":", "com.", "googleapis.com.evil",
    ])
    func exceptionCoversNothingElse(exception: String) throws {
        let environment = Self.proxy.merging(["NO_PROXY": exception]) { $1 }
        #expect(try host("https://storage.googleapis.com/b", environment) == "secure")
    }

    @Test(arguments: ["http://localhost:1/", "http://127.0.0.1/", "https://[::1]:2/"])
    func thisMachineNeedsNoProxy(url: String) throws { #expect(try host(url, Self.proxy) == nil) }
}
