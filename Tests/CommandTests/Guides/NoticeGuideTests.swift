import Foundation
import SystemPackage
import TestClusters
import Testing

@testable import MigrationKitBase

/// The codes and values of notices that the article on JSON events lists, against those of the sources.
@Suite struct NoticeGuideTests {
    /// Each code with the names of its values.
    private static func told() throws -> [String: Set<String>] {
        let rows = try Guide.article("JSONEvents").rows.filter { ["notice", "warning"].contains($0[1]) }
        return Dictionary(rows.map { (Guide.code(in: $0[0]).first ?? "", Set(Guide.code(in: $0[2]))) }) { $0.union($1) }
    }

    @Test func everyCodeIsListedOnce() throws {
        let rows = try Guide.article("JSONEvents").rows.filter { ["notice", "warning"].contains($0[1]) }
        let listed = rows.compactMap { Guide.code(in: $0[0]).first }
        #expect(listed.sorted() == MigrationNotice.Code.allCases.map(\.rawValue).sorted())
    }

    @Test func valuesOfEachCodeAreThoseOfTheSources() throws {
        let folder = HeldScript.repository.appending("Sources").string
        let files = try #require(FileManager.default.enumerator(atPath: folder))
        var sources = ""
        for case let file as String in files where file.hasSuffix(".swift") {
            let text = try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
            if text.contains("otice(") || text.contains(".warning(") { sources += text }
        }
        let told = try Self.told()
        for code in MigrationNotice.Code.allCases {
            let pieces = sources.components(separatedBy: ".\(String(describing: code)),")
            let calls = zip(pieces, pieces.dropFirst()).filter { before, _ in
                before.last { !$0.isWhitespace } == "("
            }
            #expect(!calls.isEmpty, "\(code) is never sent")
            let names = calls.flatMap { _, rest in
                Self.call(rest).matches(of: /"(\w+)":/).map { String($0.1) }
            }
            #expect(Set(names) == told[code.rawValue], "\(code)")
        }
    }

    /// What stands before the end of the parentheses that a text begins in.
    private static func call(_ text: String) -> Substring {
        var depth = 1
        return Substring(
            text.utf8.prefix { byte in
                if byte == UInt8(ascii: "(") { depth += 1 }
                if byte == UInt8(ascii: ")") { depth -= 1 }
                return depth > 0
            })
    }
}
