import Foundation
import SystemPackage
import TestClusters
import Testing

/// A page that people read: the README, an article of the library's documentation, or the README of an example.
struct Guide: CustomTestStringConvertible, Sendable {
    let path: FilePath
    let text: String

    var name: String { path.stem ?? "" }
    var testDescription: String { path.string }

    /// - Parameter path: Below the repository's root.
    init(_ path: FilePath) throws {
        self.path = path
        let file = HeldScript.repository.pushing(path).string
        text = try String(contentsOfFile: file, encoding: .utf8)
    }

    static let articles: FilePath = "Sources/MigrationKit/Kit/MigrationKit.docc"

    static func article(_ name: String) throws -> Guide { try Guide(articles.appending("\(name).md")) }

    static var all: [Guide] {
        get throws {
            let folder = HeldScript.repository.pushing(articles).string
            let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".md") }
                .sorted()
            let others: [FilePath] = [
                "README.md", "RELEASING.md", "SECURITY.md", "Examples/kubernetes/README.md",
                "Examples/terraform/README.md",
            ]
            return try (others + names.map { articles.appending($0) }).map(Guide.init)
        }
    }

    /// What is set as code: the lines of blocks, and what stands between backticks.
    var code: [String] {
        var code: [String] = []
        var isBlock = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") {
                isBlock.toggle()
            } else if isBlock {
                code.append(String(line))
            } else {
                let pieces = line.split(separator: "`", omittingEmptySubsequences: false)
                code += pieces.enumerated().filter { $0.offset.isMultiple(of: 2) == false }.map { String($0.element) }
            }
        }
        return code
    }

    /// The rows of its tables, a text a cell.
    var rows: [[String]] {
        text.split(separator: "\n").filter { $0.hasPrefix("| ") && $0.hasSuffix(" |") }.map { line in
            line.dropFirst(2).dropLast(2).components(separatedBy: " | ")
        }
    }

    /// What stands between backticks in a cell.
    static func code(in cell: String) -> [String] {
        cell.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset.isMultiple(of: 2) == false }.map { String($0.element) }
    }

    /// A command line in it: the program, and the words behind it up to a comment or the next command.
    var commandLines: [(program: Program, words: [String])] {
        code.flatMap { line in
            Program.allCases.compactMap { program -> (program: Program, words: [String])? in
                let words = line.split(separator: " ").map(String.init)
                guard let start = words.firstIndex(of: program.rawValue) else { return nil }
                let rest = words[(start + 1)...].prefix {
                    !["|", "&&", "…", "─▶", "\\"].contains($0) && !$0.hasPrefix("#")
                }
                return (program, Array(rest))
            }
        }
    }
}
