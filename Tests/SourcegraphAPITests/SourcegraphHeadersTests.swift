import SystemPackage
import TestSupport
import Testing

@testable import MigrationKitBase
@testable import MigrationKitSourcegraphAPI

@Suite struct SourcegraphHeadersTests {
    private func read(_ environment: [String: String], file: String = "{}") throws -> SourcegraphHeaders {
        let folder = try TestFolder()
        let path = try folder.write("c.json", file)
        return try SourcegraphHeaders(
            environment: environment, file: SourcegraphConfigFile(path, environment: environment))
    }

    @Test(arguments: [
        (["SRC_HEADER_FOO": "bar", "SRC_HEADER_Foo_Bar": "b=c:d "], ["foo": "bar", "foo_bar": "b=c:d"]),
        (["SRC_HEADERS": "foo:bar\nFoo-Bar : baz:1 \r\n\nb:c"], ["foo": "bar", "foo-bar": "baz:1", "b": "c"]),
        (["SRC_HEADERS": #""foo:bar\nclient-id: 1""#], ["foo": "bar", "client-id": "1"]),
        (["SRC_HEADERS": "\"foo:bar\nb:c\""], ["foo": "bar", "b": "c"]),
        (["SRC_HEADERS": "foo:bar", "SRC_HEADER_FOO": "baz"], ["foo": "baz"]),
        (["SRC_HEADERS": "foo:", "SRC_HEADER_FOO": "", "SRC_HEADER_": "a"], [:]), (["SRC_HEADERS": ""], [:]),
    ])
    func formsOfSrcAreKnown(environment: [String: String], headers: [String: String]) throws {
        #expect(try read(environment).values.mapValues(\.revealed) == headers)
    }

    @Test func variablesComeBeforeTheFileWhateverTheCase() throws {
        let headers = try read(
            ["SRC_HEADERS": "x-a:variable"], file: #"{"additionalHeaders": {"X-A": "file", "X-B": "file"}}"#)
        #expect(headers.values.mapValues(\.revealed) == ["x-a": "variable", "x-b": "file"])
    }

    @Test(arguments: [
        (["SRC_HEADERS": "a:b\nhunter2"], "Line 2 of SRC_HEADERS is not a header."),
        (["SRC_HEADERS": "hunter2 a:b"], "SRC_HEADERS is not a valid header name."),
        (["SRC_HEADERS": ":hunter2"], "SRC_HEADERS is not a valid header name."),
        (["SRC_HEADER_A B": "hunter2"], "SRC_HEADER_A B is not a valid header name."),
        (
            ["SRC_HEADER_A": "hunter2\r\nHost: evil"],
            "The value of the header a in SRC_HEADER_A contains control characters."
        ),
    ])
    func whatNoHeaderCanHoldIsRefusedAndNotShown(environment: [String: String], message: String) {
        let error = #expect(throws: MigrationError.self) { try read(environment) }
        #expect(error?.code == .usage)
        #expect(error?.message == message)
        #expect(error?.description.contains("hunter2") == false)
    }

    @Test func framingStaysOurs() throws {
        let headers = try read(["SRC_HEADERS": "Host:evil\nContent-Length:0\nTransfer-Encoding:x\nTrailer:y\na:b"])
        #expect(headers.values.keys.sorted() == ["a"])
        #expect(headers.warnings.count == 4)
    }
}
