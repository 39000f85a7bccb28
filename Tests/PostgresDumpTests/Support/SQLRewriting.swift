import DumpSamples
import NIOCore
import Synchronization
import TestSupport

@testable import MigrationKitPostgresDump

/// What a dump became, without the checks of a whole dump.
struct Rewritten: CustomStringConvertible {
    var output: [UInt8]
    var contents: DumpContents
    var refusals: [Refusal]

    init(_ dump: [UInt8], _ profile: RewriteProfile = .cloudSQL, _ chunking: Chunking = .whole) {
        var scanner = DumpScanner()
        var rewriter = DumpRewriter(profile: profile)
        chunking.forEachChunk(of: dump) { scanner.scan($0, visitor: &rewriter) }
        scanner.finish(visitor: &rewriter)
        output = Array(rewriter.output.readableBytesView)
        contents = rewriter.facts.contents
        refusals = rewriter.refusals
    }

    init(_ dump: String, _ profile: RewriteProfile = .cloudSQL, _ chunking: Chunking = .whole) {
        self.init(Array(dump.utf8), profile, chunking)
    }

    var text: String { String(decoding: output, as: UTF8.self) }
    var rewrites: [Rewrite] { contents.rewrites }
    var description: String { "\(SQLBytes(output)), \(contents), \(refusals)" }

    /// The dump again, from the output and from what each rewrite says of where it is, how long, and whether it added
    /// a line end. Nil where the output is not what the rewrites say.
    var undone: [UInt8]? {
        var original: [UInt8] = []
        var rest = output[...]
        for rewrite in rewrites {
            let untouched = Int(rewrite.position.offset) - original.count
            guard untouched >= 0, untouched <= rest.count else { return nil }
            original += rest.prefix(untouched)
            rest = rest.dropFirst(untouched)
            var isMarkDue = true
            for _ in 0..<rewrite.length {
                // After CR and LF together there is one mark, behind the LF.
                let isInsideLineEnd = original.last == 0x0D && rest.first == 0x0A
                if isMarkDue, !isInsideLineEnd {
                    guard rest.starts(with: "-- ".utf8) else { return nil }
                    rest = rest.dropFirst(3)
                }
                guard let byte = rest.popFirst() else { return nil }
                original.append(byte)
                isMarkDue = byte == 0x0A || byte == 0x0D
            }
            guard rewrite.addsLineEnd else { continue }
            let space = rest.prefix { $0 == 0x20 || $0 == 0x09 }
            original += space
            rest = rest.dropFirst(space.count)
            guard rest.popFirst() == 0x0A else { return nil }
        }
        return original + rest
    }
}

extension SQLFuzz {
    /// Several suites look at the same.
    private static let rewritten = Mutex<[UInt64: Rewritten]>([:])

    /// What a dump becomes for Cloud SQL.
    static func rewritten(seed: UInt64) -> Rewritten {
        if let rewritten = rewritten.withLock({ $0[seed] }) { return rewritten }
        let made = Rewritten(dump(seed: seed))
        rewritten.withLock { $0[seed] = made }
        return made
    }
}

/// What the cloud-sql profile says of a statement.
func verdict(_ statement: String) -> Verdict {
    CloudSQLRules.verdict(sqlTokens(statement))
}

func sqlTokens(_ text: String) -> [SQLToken] {
    Array(text.utf8).withUnsafeBytes { SQLToken.tokens(of: $0) }
}
