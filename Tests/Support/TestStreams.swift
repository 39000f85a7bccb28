package import MigrationKitBase
package import NIOCore
import Synchronization

extension ByteStream {
    /// The bytes, cut into chunks.
    package static func of(_ bytes: [UInt8], _ chunking: Chunking = .whole) -> ByteStream {
        let rest = Mutex(chunking.ranges(of: bytes.count)[...])
        return ByteStream { rest.withLock { $0.popFirst() }.map { ByteBuffer(bytes: bytes[$0]) } }
    }

    /// All that comes of it.
    package func collect() async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await chunk in self { bytes += chunk.readableBytesView }
        return bytes
    }
}

/// Contents of streams, the same each time.
package enum TestBytes {
    /// What nothing can compress.
    package static func random(_ count: Int) -> [UInt8] {
        var random = SeededRandom(seed: 7)
        var bytes: [UInt8] = []
        while bytes.count < count { withUnsafeBytes(of: random.next()) { bytes += $0 } }
        return Array(bytes.prefix(count))
    }

    /// Rows of a table, more or less.
    package static func rows(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        var row = 0
        while bytes.count < count {
            bytes += "\(row)\tgithub.com/sourcegraph/repository-\(row &* 7919 % 1000)\tmain\t\\N\n".utf8
            row += 1
        }
        return Array(bytes.prefix(count))
    }

    /// Bytes of which no two stretches are alike.
    package static func varied(_ count: Int) -> ByteBuffer {
        var (bytes, seed) = ([UInt8](), UInt32(7))
        bytes.reserveCapacity(count)
        for _ in 0..<count {
            seed = seed &* 1_664_525 &+ 1_013_904_223
            bytes.append(UInt8(truncatingIfNeeded: seed &>> 24))
        }
        return ByteBuffer(bytes: bytes)
    }
}
