import Foundation
import MigrationKit
import MigrationKitBase
import NIOCore
import TestClusters
import Testing

/// A dump without a manifest that was whole when it was verified, and ends early when it is loaded: nothing of it counts,
/// wherever it ends.
@Suite(.inTurn) struct TornDumpLoadTests {
    enum Cut: CaseIterable {
        case inARow, behindTheLastRow, betweenStatements, inAStatement, beforeItsEnd, inItsLastLine, compressed

        /// The text in front of which the dump ends.
        var place: String {
            switch self {
            case .inARow, .compressed: "ace\t1906-12-09"
            case .behindTheLastRow: "\\.\n\n\n--\n-- Data for Name: visits"
            case .betweenStatements: "--\n-- Name: people_id_seq; Type: SEQUENCE SET"
            case .inAStatement: "\"people_pkey\" PRIMARY KEY"
            case .beforeItsEnd: "--\n-- PostgreSQL database dump complete"
            case .inItsLastLine: "database dump complete"
            }
        }
    }

    private func bytes(_ text: String, _ cut: Cut) async throws -> Data {
        guard cut == .compressed else { return Data(text.utf8) }
        return Data(try await Gzip.compressed(ByteBuffer(string: text)).readableBytesView)
    }

    @Test(arguments: Cut.allCases) func nothingOfItCountsAndTheSameCommandLoadsTheWholeOne(cut: Cut) async throws {
        let (workplace, text) = (try await Workplace(), try await SmallDump.text)
        let place = try #require(text.range(of: cut.place), "\(text)")
        let whole = try await bytes(text, cut)
        let torn =
            cut == .compressed ? whole.prefix(whole.count / 2) : Data(text[..<place.lowerBound].utf8)
        try await TargetDatabases.withOne { database in
            let name = database.dumpName + (cut == .compressed ? ".gz" : "")
            try workplace.folder.write("bucket/\(name)", whole)
            let error = try await #require(throws: MigrationError.self) {
                _ = try await workplace.importSnapshot(
                    of: database, afterReset: { try workplace.folder.write("bucket/\(name)", torn) })
            }
            #expect(error.message.contains(name) && error.next != nil, "\(error)")
            #expect([.tornDump, .damagedSnapshot].contains(error.code), "\(error)")
            #expect(try await workplace.relations(in: database) == "0")

            try workplace.folder.write("bucket/\(name)", whole)
            let proofs = try await workplace.importSnapshot(of: database)
            #expect(proofs.map(\.isEqual) == [true])
        }
    }
}
