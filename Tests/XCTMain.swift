import Foundation
import Testing

/// Where the process of the tests begins. SwiftPM takes a file of this name as it is. Without it, it looks for tests of
/// XCTest, which are not here, and the whole package has to be indexed for that.
@main struct Tests {
    static func main() async {
        if CommandLine.arguments.contains("swift-testing") { await Testing.__swiftPMEntryPoint() as Never }
        // As which `swift test` alone takes it: that must not look like tests that have passed.
        guard !CommandLine.arguments.contains("--dump-tests-json") else { return print(#"{"name": "", "tests": []}"#) }
        let advice = "Run the tests with `make test`, or some with `Scripts/swift.sh test`.\n"
        FileHandle.standardError.write(Data(advice.utf8))
        exit(1)
    }
}
