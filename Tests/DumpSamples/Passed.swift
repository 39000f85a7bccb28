package import MigrationKitPostgresDump
import NIOCore
package import TestSupport

/// A dump's whole pass, as an upload makes it.
package struct Passed {
    package var output: [UInt8] = []
    package var report: DumpReport

    package init(_ dump: [UInt8], _ profile: RewriteProfile = .cloudSQL, _ chunking: Chunking = .whole) throws {
        var pass = DumpPass(profile: profile)
        var output = ByteBuffer()
        try chunking.forEachChunk(of: dump) { try pass.transform(ByteBuffer(bytes: $0), into: &output) }
        report = try pass.finish(into: &output)
        self.output = Array(output.readableBytesView)
    }

    package init(_ dump: String, _ profile: RewriteProfile = .cloudSQL, _ chunking: Chunking = .whole) throws {
        try self.init(Array(dump.utf8), profile, chunking)
    }

    package var text: String { String(decoding: output, as: UTF8.self) }
}
