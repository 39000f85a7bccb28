import SystemPackage
import TestSupport
import Testing

@testable import MigrationKitBase
@testable import MigrationKitSourcegraphAPI

@Suite struct SourcegraphConfigFileTests {
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    private var environment: [String: String] { ["HOME": folder.path.string] }

    private func read(_ text: String, mode: Int = 0o600) throws -> SourcegraphConfigFile {
        try SourcegraphConfigFile(folder.write("c.json", text, mode: mode), environment: environment)
    }

    @Test func fileInTheHomeFolderMayBeMissing() throws {
        let file = try SourcegraphConfigFile(nil, environment: environment)
        #expect(file.endpoint == nil && file.token == nil && file.headers.isEmpty && file.warnings == [])
        #expect(try SourcegraphConfigFile(nil, environment: [:]).endpoint == nil)
        try folder.write("src-config.json", #"{"endpoint": "a"}"#)
        #expect(try SourcegraphConfigFile(nil, environment: environment).endpoint?.text == "a")
    }

    @Test func namedFileMayStartAtTheHomeFolder() throws {
        try folder.write("c.json", #"{"endpoint": "a"}"#)
        #expect(try SourcegraphConfigFile("~/c.json", environment: environment).name == folder.file("c.json").string)
    }

    @Test func namedFileHasToBeThere() {
        let path = folder.file("none")
        let error = #expect(throws: MigrationError.self) {
            try SourcegraphConfigFile(path, environment: environment)
        }
        #expect(error?.code == .usage)
        #expect(error?.message.contains(path.string) == true)
        #expect(error?.next?.contains("SRC_ENDPOINT") == true)
    }

    @Test func keysCountWhateverTheirCaseAndUnknownOnesArePassedOver() throws {
        let file = try read(
            """
            {"Endpoint": "a", "ACCESSTOKEN": "b", "additionalHeaders": {"X-A": "c"}, "proxy": null, "more": [1]}
            """)
        #expect(file.endpoint?.text == "a" && file.token?.text == "b")
        #expect(file.headers == ["X-A": "c"])
        #expect(file.proxy == nil)
    }

    @Test(arguments: [
        ("", "is not a JSON object"), ("hunter2", "is not a JSON object"), (#"["hunter2"]"#, "is not a JSON object"),
        (#"{"accessToken": "hunter2""#, "is not a JSON object"),
        (#"{"accessToken": ["hunter2"]}"#, "has `accessToken`, which must be a string"),
        (#"{"endpoint": 1}"#, "has `endpoint`, which must be a string"),
        (
            #"{"additionalHeaders": {"a": "hunter2", "b": 1}}"#,
            "has `additionalHeaders`, which must be an object of strings"
        ),
        (#"{"additionalHeaders": "hunter2"}"#, "has `additionalHeaders`, which must be an object of strings"),
    ])
    func damagedFileIsNamedAndNotShown(text: String, problem: String) {
        let error = #expect(throws: MigrationError.self) { try read(text) }
        #expect(error?.code == .usage)
        #expect(error?.message == "\(folder.file("c.json")) \(problem).")
        #expect(error?.description.contains("hunter2") == false)
    }

    @Test(arguments: [
        #"{"accessToken": "a"}"#, #"{"additionalHeaders": {"a": "b"}}"#, #"{"proxy": "http://me:pw@h"}"#,
    ])
    func secretsThatOthersCanReadAreDoubtful(text: String) throws {
        let path = folder.file("c.json")
        #expect(try read(text, mode: 0o644).warnings == ["\(path) can be read by others: chmod 600 \(path)"])
        #expect(try read(text).warnings == [])
    }

    @Test func addressAloneMayBeReadByAll() throws {
        let text = #"{"endpoint": "https://a.example", "proxy": "http://h:1"}"#
        #expect(try read(text, mode: 0o644).warnings == [])
    }
}
