import Dispatch
import SystemPackage
import Testing

@testable import MigrationKitCommandSupport

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The way in which the commands print. What they make of it, `UnheardCommandTests` says.
@Suite struct StandardStreamTests {
    /// A pipe that says "not now" when it is full: another program, which shares it, has asked for that.
    @Test func textIsWrittenWholeToAPipeThatDoesNotWait() async throws {
        let (readingEnd, writingEnd) = try FileDescriptor.pipe()
        try #require(fcntl(writingEnd.rawValue, F_SETFL, O_NONBLOCK) == 0)
        let text = [UInt8](repeating: 120, count: 4 << 20)
        async let written: Void = withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                let result = Result {
                    try text.withUnsafeBytes { try StandardStream.write($0, to: writingEnd) }
                }
                try? writingEnd.close()
                continuation.resume(with: result)
            }
        }
        let count = try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(with: Result { try Self.count(readingEnd) })
            }
        }
        try await written
        #expect(count == text.count)
    }

    private static func count(_ descriptor: FileDescriptor) throws -> Int {
        var count = 0
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 1)
        defer { buffer.deallocate() }
        while case let read = try descriptor.read(into: buffer), read > 0 { count += read }
        try descriptor.close()
        return count
    }
}
