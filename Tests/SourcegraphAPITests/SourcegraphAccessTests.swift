import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import MigrationKitBase
@testable import MigrationKitSourcegraphAPI

/// What users of `src` have set means the same here.
@Suite struct SourcegraphAccessTests {
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    private func read(
        _ environment: [String: String], endpoint: String? = nil, config: FilePath? = nil
    ) throws -> SourcegraphAccess {
        let home = ["HOME": folder.path.string]
        return try .read(
            endpoint: endpoint, config: config, environment: environment.merging(home) { first, _ in first })
    }

    private func refusal(
        _ environment: [String: String], endpoint: String? = nil, config: FilePath? = nil,
        _ location: SourceLocation = #_sourceLocation
    ) -> MigrationError? {
        let error = #expect(throws: MigrationError.self, sourceLocation: location) {
            try read(environment, endpoint: endpoint, config: config)
        }
        #expect(error?.code == .usage, sourceLocation: location)
        #expect(error?.next != nil, sourceLocation: location)
        #expect(error?.description.contains("hunter2") == false, sourceLocation: location)
        return error
    }

    @Test(arguments: [
        ("https://sourcegraph.example.com", "https://sourcegraph.example.com", "sourcegraph.example.com"),
        ("https://sourcegraph.example.com/", "https://sourcegraph.example.com", "sourcegraph.example.com"),
        (" https://a.example//\n", "https://a.example", "a.example"),
        ("HTTP://a.example:3080", "http://a.example:3080", "a.example:3080"),
        ("https://me:hunter2@a.example/", "https://a.example", "a.example"),
        ("https://h%40t:hunter2@a.example", "https://a.example", "a.example"),
        ("https://example.com/sourcegraph/", "https://example.com/sourcegraph", "example.com"),
        ("https://example.com/a%20b/c", "https://example.com/a%20b/c", "example.com"),
        ("http://[::1]:7080/", "http://[::1]:7080", "[::1]:7080"),
    ])
    func endpointIsTakenWithoutWhatDoesNotBelong(text: String, url: String, name: String) throws {
        let access = try read(["SRC_ENDPOINT": text])
        #expect(access.endpoint.absoluteString == url)
        #expect(access.name == name)
        #expect(access.token == nil && access.headers.isEmpty && access.proxy == nil)
    }

    @Test(arguments: [
        ("sourcegraph.example.com", "has no scheme"), ("localhost:3080", "has no scheme"),
        ("hunter2@a.example", "has no scheme"), ("ftp://hunter2@a.example", "is neither http nor https"),
        ("https://", "has no host"), ("https:///path", "has no host"), ("https://me:hunter2@/", "has no host"),
        ("https://a.example:99999", "has an invalid port"),
        ("https://a.example:0", "has an invalid port"),
        ("https://a.example?token=hunter2", "has a query or a fragment"),
        ("https://a.example/#hunter2", "has a query or a fragment"), ("https://a b.example", "is not a URL"),
    ])
    func endpointThatCannotBeMeantIsRefused(text: String, problem: String) {
        #expect(refusal(["SRC_ENDPOINT": text])?.message == "SRC_ENDPOINT \(problem).")
        #expect(refusal([:], endpoint: text)?.message == "The endpoint \(problem).")
    }

    @Test(arguments: [[:], ["SRC_ENDPOINT": ""], ["SRC_ACCESS_TOKEN": "hunter2"]])
    func instanceHasToBeNamed(environment: [String: String]) {
        #expect(refusal(environment)?.next?.contains("SRC_ENDPOINT=") == true)
    }

    @Test func variablesComeBeforeTheFileAndAnArgumentBeforeBoth() throws {
        try folder.write(
            "src-config.json",
            #"{"endpoint": "https://file.example/", "accessToken": "file", "proxy": "http://file:1"}"#)
        let file = try read([:])
        #expect(file.endpoint.absoluteString == "https://file.example")
        #expect(file.token == Secret("file") && file.proxy == Secret("http://file:1"))
        let mixed = try read(["SRC_ENDPOINT": "https://variable.example", "SRC_PROXY": "http://variable:1"])
        #expect(mixed.name == "variable.example")
        #expect(mixed.token == Secret("file") && mixed.proxy == Secret("http://variable:1"))
        let token = try read(["SRC_ACCESS_TOKEN": "variable"], endpoint: "https://argument.example/")
        #expect(token.name == "argument.example" && token.token == Secret("variable"))
        #expect(try read(["SRC_ENDPOINT": "nonsense"], endpoint: "https://argument.example").name == "argument.example")
    }

    @Test func namedFileIsNotMixedWithVariables() throws {
        let file = try folder.write("c", #"{"endpoint": "https://file.example/", "accessToken": "hunter2"}"#)
        #expect(try read([:], config: file).name == "file.example")
        let both = ["SRC_ENDPOINT": "https://variable.example", "SRC_ACCESS_TOKEN": "variable"]
        let access = try read(both, config: file)
        #expect(access.name == "variable.example" && access.token == Secret("variable"))
        #expect(try read(["SRC_PROXY": "http://p:1"], config: file).proxy == Secret("http://p:1"))
        for name in both.keys {
            let message = refusal([name: both[name] ?? ""], config: file)?.message
            #expect(message == "when using a configuration file, zero or all environment variables must be set.")
        }
    }

    @Test(arguments: [
        ["SRC_HEADER_AUTHORIZATION": "Bearer hunter2"], ["SRC_HEADER_Authorization": "Bearer hunter2"],
        ["SRC_HEADERS": #"a:b\nAuthorization: Bearer hunter2"#],
    ])
    func onlyOneAuthorizationCanBeSent(header: [String: String]) throws {
        let instance = ["SRC_ENDPOINT": "https://a.example"]
        let access = try read(instance.merging(header) { $1 })
        #expect(access.headers["authorization"] == Secret("Bearer hunter2"))
        let token = ["SRC_ACCESS_TOKEN": "hunter2"].merging(header) { $1 }
        #expect(refusal(instance.merging(token) { $1 })?.message.contains("must never be set") == true)
    }

    @Test func tokenIsWantedInCI() throws {
        let instance = ["SRC_ENDPOINT": "https://a.example", "CI": "false"]
        #expect(refusal(instance)?.message == "CI is true and SRC_ACCESS_TOKEN is not set or empty.")
        #expect(try read(instance.merging(["CI": ""]) { $1 }).token == nil)
        #expect(try read(instance.merging(["SRC_ACCESS_TOKEN": "t"]) { $1 }).token == Secret("t"))
    }

    @Test func tokenIsOneWord() throws {
        let instance = ["SRC_ENDPOINT": "https://a.example"]
        #expect(try read(instance.merging(["SRC_ACCESS_TOKEN": " sgp_1\n"]) { $1 }).token == Secret("sgp_1"))
        for token in ["hunter2 b", "hunter2\r\nX: y", "hunter2é", "\u{0}hunter2"] {
            let error = refusal(instance.merging(["SRC_ACCESS_TOKEN": token]) { $1 })
            #expect(error?.message.hasPrefix("SRC_ACCESS_TOKEN is not a valid access token") == true)
        }
    }

    @Test(arguments: [
        ("~/p.sock", "HOME/p.sock"), ("unix://~/p.sock", "unix://HOME/p.sock"), ("/run/p.sock", "/run/p.sock"),
        ("socks5h://h:1", "socks5h://h:1"), ("https://me:pw@h", "https://me:pw@h"),
    ])
    func proxyIsTakenAndTheHomeFolderFilledIn(text: String, proxy: String) throws {
        let access = try read(["SRC_ENDPOINT": "https://a.example", "SRC_PROXY": text])
        #expect(access.proxy?.revealed == proxy.replacing("HOME", with: folder.path.string))
    }

    @Test func proxyThatCannotBeUsedIsNamedByWhereItStands() throws {
        let error = refusal(["SRC_ENDPOINT": "https://a.example", "SRC_PROXY": "ftp://me:hunter2@h"])
        #expect(error?.message == "SRC_PROXY is not a valid proxy.")
        let file = try folder.write("c", #"{"endpoint": "https://a.example", "proxy": "h:1"}"#)
        #expect(refusal([:], config: file)?.message == "`proxy` in \(file) is not a valid proxy.")
    }

    @Test func tokenWithoutTLSIsDoubtful() throws {
        let plain = ["SRC_ENDPOINT": "http://a.example:3080", "SRC_ACCESS_TOKEN": "hunter2"]
        let warnings = try read(plain).warnings
        #expect(warnings == ["The connection to a.example:3080 is not encrypted: others can read the access token."])
        for harmless in [
            ["SRC_ENDPOINT": "https://a.example"], ["SRC_ENDPOINT": "http://127.0.0.1:3080"],
            ["SRC_ENDPOINT": "http://[::1]"], ["SRC_ACCESS_TOKEN": ""], ["SRC_PROXY": "/run/p.sock"],
        ] {
            #expect(try read(plain.merging(harmless) { $1 }).warnings == [], "\(harmless)")
        }
    }
}
