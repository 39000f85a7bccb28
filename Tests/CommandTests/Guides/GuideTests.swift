import Foundation
import MigrationKit
import SystemPackage
import TestClusters
import Testing

@testable import MigrationKitBase
@testable import MigrationKitCommandSupport

/// The guides say what the commands do.
@Suite struct GuideTests {
    /// Options of other programs that the guides mention.
    private static let foreign: Set<String> = [
        "--exclude-table-data", "--schema-only", "--data-only", "--section", "--min-num-replicas", "--size",
        "--experimental-dump-help", "--generate-completion-script",
    ]

    @Test func everyCommandLineIsOneThatTheCommandTakes() throws {
        let commands = try Program.allCases.map { ($0, try $0.commands()) }
        let commandsOf = Dictionary(uniqueKeysWithValues: commands)
        var count = 0
        for guide in try Guide.all {
            for (program, words) in guide.commandLines {
                let known = commandsOf[program] ?? []
                let names = words.prefix { !$0.hasPrefix("-") }
                let command = (1...2).reversed().map { Array(names.prefix($0)) }.first { known.contains($0) }
                guard let command else {
                    // A group of commands, or the program by itself.
                    let isGroup = names.isEmpty || known.contains { $0.count == 2 && $0[0] == names[0] }
                    #expect(isGroup, "\(guide.name): \(program.rawValue) \(words)")
                    continue
                }
                count += 1
                let options = try program.options(of: command).flatMap(\.names)
                for word in words where word.hasPrefix("-") && word != "-" {
                    let option = String(word.prefix { $0 != "=" })
                    #expect(options.contains(option), "\(guide.name): \(command) \(word)")
                }
            }
        }
        #expect(count > 40)
    }

    @Test func everyOptionInATextIsOneOfTheCommands() throws {
        var known = Self.foreign
        for program in Program.allCases {
            for command in try program.commands() { known.formUnion(try program.options(of: command).flatMap(\.names)) }
        }
        for guide in try Guide.all {
            for code in guide.code where code.hasPrefix("-") {
                let option = String(code.prefix { $0 != "=" && $0 != " " })
                guard option.count > 2, option.dropFirst(2).first?.isLetter == true else { continue }
                #expect(known.contains(option), "\(guide.name): \(option)")
            }
        }
    }

    @Test func everyCommandIsInATableOfAGuide() throws {
        for (program, name) in [(Program.snapshot, "CustomerGuide"), (.migrate, "OperatorGuide")] {
            let named = try Guide.article(name).rows.compactMap(\.first).flatMap { cell -> [String] in
                let code = Guide.code(in: cell)
                guard let first = code.first, first.hasPrefix("\(program.rawValue) ") else { return [] }
                return [String(first.dropFirst(program.rawValue.count + 1))] + code.dropFirst()
            }
            #expect(Set(named) == Set(try program.subcommands()), "\(name)")
        }
    }

    @Test func everyLinkLeadsToAFile() throws {
        for guide in try Guide.all {
            for match in guide.text.matches(of: /\]\(([^)]+)\)/) {
                let target = String(match.1)
                guard !target.hasPrefix("http"), !target.hasPrefix("doc:") else { continue }
                let path = guide.path.removingLastComponent().appending(target)
                #expect(
                    FileManager.default.fileExists(atPath: HeldScript.repository.pushing(path).string),
                    "\(guide.name): \(target)")
            }
            for match in guide.text.matches(of: /doc:([A-Za-z]+)/) {
                #expect(throws: Never.self) { try Guide.article(String(match.1)) }
            }
        }
    }

    @Test func everyArticleIsLinkedFromTheReadmeAndFromTheFirstPage() throws {
        let readme = try Guide("README.md").text
        let first = try Guide.article("MigrationKit").text
        for guide in try Guide.all where guide.path.starts(with: Guide.articles) && guide.name != "MigrationKit" {
            #expect(readme.contains("(\(guide.path))"), "\(guide.name)")
            #expect(first.contains("<doc:\(guide.name)>"), "\(guide.name)")
        }
    }

    @Test func theReadmeIsShortAndOfThisVersion() throws {
        let readme = try Guide("README.md").text
        #expect(readme.utf8.count <= 8192)
        for match in readme.matches(of: /migrationkit[-_](\d+\.\d+\.\d+)/) {
            #expect(match.1 == MigrationKitVersion.current)
        }
    }

    @Test(arguments: ["README.md", "Sources/MigrationKit/Kit/MigrationKit.docc/JSONEvents.md"])
    func exitStatusesAreThoseOfTheCodes(path: String) throws {
        let codes: [MigrationError.Code] = [
            .usage, .unmetRequirement, .tornDump, .damagedSnapshot, .failed, .proofFailed, .importFailed,
            .upgradeFailed, .acceptanceFailed, .unreachable, .cutOff, .interrupted, .locked,
        ]
        let guide = try Guide(FilePath(path))
        let told = guide.rows.compactMap { Int32($0[0]) }
        #expect(told == [0] + Set(codes.map(\.exitStatus)).sorted())
        guard guide.name == "JSONEvents" else { return }
        for row in guide.rows where Int32(row[0]) ?? 0 > 0 {
            let named = Set(Guide.code(in: row[1]))
            let status = Int32(row[0])
            #expect(named == Set(codes.filter { $0.exitStatus == status }.map(\.rawValue)), "\(row)")
        }
    }

    @Test func keysOfEventsAreThoseOfTheTable() throws {
        let rows = try Guide.article("JSONEvents").rows
        let progress = ProgressLine(name: "primary", bytes: 3, total: 5, rate: 1)
        let error = MigrationError(.locked, "Another run is active.", next: "Wait for it.", details: ["since 12:00"])
        let lines = [
            EventJSON.line(.started("primary", total: 5)),
            EventJSON.line(.advanced("primary", bytes: 3, detail: "users"), progress),
            EventJSON.line(.finished("primary", summary: "dumped"), progress),
            EventJSON.line(.failed("primary", error)),
            EventJSON.line(.notice(.init(.analyzed, "n", ["a": 1]))),
            EventJSON.line(.warning(.init(.noCopy, "w", ["a": 1]))),
            EventJSON.line(OperatorSecret(what: "link", text: Secret("x"))), error.jsonLine,
        ]
        for line in lines {
            var object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            let event = try #require(object.removeValue(forKey: "event") as? String)
            let row = try #require(rows.first { Guide.code(in: $0[0]).contains(event) }, "\(event)")
            #expect(Set(Guide.code(in: row[1])) == Set(object.keys), "\(event)")
        }
    }

    @Test func everyMessageToLookUpIsOneThatTheCommandsPrint() throws {
        let folder = HeldScript.repository.appending("Sources").string
        let files = try #require(FileManager.default.enumerator(atPath: folder))
        var sources = Data()
        for case let file as String in files where file.hasSuffix(".swift") {
            sources += try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(file)"))
        }
        let messages = try Guide.article("Troubleshooting").rows.compactMap { Guide.code(in: $0[0]).first }
        #expect(messages.count > 30)
        for message in messages {
            let pieces = message.components(separatedBy: "…").map { $0.trimmingCharacters(in: .whitespaces) }
            for piece in pieces where piece.contains(where: \.isLetter) {
                #expect(sources.range(of: Data(piece.utf8)) != nil, "\(message)")
            }
        }
    }
}
