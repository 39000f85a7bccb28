internal import MigrationKitFoundation
internal import NIOCore
package import SystemPackage

/// Where rehearsals keep what they measured: in this account's state folder, for each bucket, whatever the prefix of a
/// snapshot in it.
package struct RatesPlace: Sendable {
    /// The file.
    package let path: FilePath
    private static let sizeLimit: Int64 = 1 << 20

    /// Names the place for a bucket.
    ///
    /// - Parameters:
    ///   - bucket: The bucket.
    ///   - environment: Says where the state folder is.
    package init(of bucket: BucketLocation, environment: [String: String]) {
        let place =
            switch bucket {
            case .folder(let path): MigrationIdentity.place(path.string)
            case .googleCloudStorage(let name, _): "gs://\(name)"
            }
        path = JournalPlace.stateFolder(environment).appending("rehearsals")
            .appending("\(JournalReader.hash(place.utf8).prefix(20)).json")
    }

    /// What was measured last; nil if nothing was.
    ///
    /// - Throws: ``MigrationError`` if the file is there, and cannot be read or is not one of these.
    package func read() async throws(MigrationError) -> ImportRates? {
        guard let size = FileIdentity(path: path)?.size else { return nil }
        struct Header: Decodable { var format: Int }
        guard size <= Self.sizeLimit else { throw unusable("\(path) is too large") }
        let bytes: [UInt8]
        do {
            bytes = Array(try await FileReader(path: path).unchangingStream.collected({ _ in }).readableBytesView)
        } catch {
            let reason = (error as? MigrationError)?.message ?? "\(error)"
            throw unusable(reason.hasSuffix(".") ? String(reason.dropLast()) : reason)
        }
        guard let header = try? JSONText.decode(Header.self, from: bytes) else { throw unusable("\(path) is damaged") }
        guard header.format == ImportRates.currentFormat else {
            throw unusable("another version of mi-migrate wrote \(path)")
        }
        guard let rates = try? JSONText.decode(ImportRates.self, from: bytes) else {
            throw unusable("\(path) is damaged")
        }
        return rates
    }

    private func unusable(_ reason: String) -> MigrationError {
        MigrationError(.failed, "The durations of the last rehearsal cannot be used: \(reason).")
    }

    /// Keeps what was measured, in place of what was before.
    ///
    /// - Throws: ``MigrationError`` if the disk refuses.
    package func write(_ rates: ImportRates) async throws {
        do {
            try FileManager.default.createDirectory(
                atPath: path.removingLastComponent().string, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        } catch {
            throw MigrationError(
                .failed, "The folder \(path.removingLastComponent()) cannot be made: \(error.systemReason)",
                next: "Make room for it, or set XDG_STATE_HOME.")
        }
        let text = try JSONText.encode(rates)
        try await AtomicFile.write(path) { try await $0.append(ByteBuffer(string: text + "\n")) }
    }
}
