import Foundation
import MigrationKit
import NIOCore
import SystemPackage

/// Prints what a dump holds as the manifest would tell it: `inspect-dump primary.sql`.
///
/// Does all that an upload does to a dump but send it: scan, rewrite, content digests, CRC32C and SHA-256, in one pass.
@main
struct InspectDump {
    static func main() async throws {
        guard CommandLine.arguments.count == 2, let path = CommandLine.arguments.last else {
            try FileHandle.standardError.write(contentsOf: Data("usage: inspect-dump DUMP.sql\n".utf8))
            exit(2)
        }
        var pass = DumpPass(profile: .cloudSQL)
        var checksum = StreamChecksum()
        var output = ByteBuffer()
        let clock = ContinuousClock()
        let start = clock.now

        for try await chunk in try FileReader(path: FilePath(path)).stream {
            output.clear()
            try pass.transform(chunk, into: &output)
            output.withUnsafeReadableBytes { checksum.update($0) }
        }
        output.clear()
        let report = try pass.finish(into: &output)
        output.withUnsafeReadableBytes { checksum.update($0) }

        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try FileHandle.standardOutput.write(contentsOf: encoder.encode(report.contents) + Data("\n".utf8))
        let seconds = (clock.now - start) / .seconds(1)
        let rate = Int(Double(report.bytes) / seconds / 1e6)
        let told = "\(report.bytes) bytes in \(seconds) s, \(rate) MB/s; sha256 \(checksum.sha256 ?? "-")\n"
        try FileHandle.standardError.write(contentsOf: Data(told.utf8))
    }
}
