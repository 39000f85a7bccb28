import MigrationKit
import NIOCore

/// A conformer does not do what it owes.
public struct BrokenPromise: Error, CustomStringConvertible {
    /// What it did instead.
    public let description: String
}

/// What the promises of all protocols are checked with.
protocol Promise: Sendable, CustomStringConvertible {}

extension Promise {
    /// Throws unless something is so.
    static func require(_ isKept: Bool, _ otherwise: @autoclosure () -> String) throws {
        guard isKept else { throw BrokenPromise(description: otherwise()) }
    }

    /// Throws unless `body` does.
    ///
    /// - Returns: What it has thrown.
    @discardableResult
    static func requireThrow(_ what: String, _ body: () async throws -> Void) async throws -> any Error {
        do { try await body() } catch { return error }
        throw BrokenPromise(description: "\(what) has to throw.")
    }

    static func text(of stream: ByteStream) async throws -> String {
        var bytes = ByteBuffer()
        for try await chunk in stream { bytes.writeImmutableBuffer(chunk) }
        return String(buffer: bytes)
    }
}
