import NIOCore
import TestSupport
import Testing

@testable import MigrationKitBase

/// Gzip is not believed.
@Suite struct GzipDamageTests {
    /// A small gzip with stored, fixed and looked-back-at bytes in it.
    private let packed: [UInt8]

    init() async throws {
        packed = try await Gzip.compressed(.of(TestBytes.rows(2000) + TestBytes.random(300))).collect()
    }

    /// The error that unpacking ends in.
    private func error(_ gzip: [UInt8], _ chunking: Chunking = .whole) async throws -> MigrationError {
        let error = await #expect(throws: MigrationError.self) {
            _ = try await Gzip.decompressed(.of(gzip, chunking), name: "primary.sql.gz").collect()
        }
        let found = try #require(error)
        #expect(found.code == .damagedSnapshot)
        #expect(found.message.hasPrefix("primary.sql.gz is "), "\(found.message)")
        #expect(found.next != nil)
        return found
    }

    @Test func gzipThatIsCutOffIsRefusedWhereverItIsCut() async throws {
        for count in 0..<packed.count {
            let error = try await error(Array(packed.prefix(count)))
            #expect(error.message.contains("is cut off"), "\(count): \(error.message)")
        }
    }

    @Test func laterMemberThatIsCutOffIsRefused() async throws {
        for count in 1..<packed.count {
            let error = try await error(packed + packed.prefix(count), .every(500))
            #expect(error.message.contains("is cut off"), "\(count): \(error.message)")
        }
    }

    @Test func everyFlippedByteIsFound() async throws {
        // Time, effort and system say nothing of the contents.
        for place in Array(0..<4) + Array(10..<packed.count) {
            var flipped = packed
            flipped[place] ^= 0xFF
            _ = try await error(flipped)
        }
    }

    @Test func placeAndReasonOfTheDamageAreTold() async throws {
        var flipped = packed
        flipped[packed.count - 8] ^= 1
        let message = try await error(flipped).message
        #expect(message.contains("(incorrect data check)"), "\(message)")
        #expect(message.contains("byte \(Quantity.count(packed.count - 4))"), "\(message)")
    }

    @Test(arguments: ["x\n", "\0\0\0\0", "--\n-- PostgreSQL database dump complete\n"])
    func dataAfterTheEndIsRefused(garbage: String) async throws {
        for chunking in [Chunking.whole, .cut(packed.count), .every(1)] {
            let error = try await error(packed + garbage.utf8, chunking)
            #expect(error.message.contains("after its end"), "\(error.message)")
        }
    }

    @Test func whatIsNoGzipIsCalledSo() async throws {
        let error = try await error(Array("--\n-- PostgreSQL database dump\n".utf8))
        #expect(error.message == "primary.sql.gz is not gzip.")
    }
}
