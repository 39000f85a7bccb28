internal import MigrationKitCLibrary
package import MigrationKitFoundation
internal import NIOCore
package import SystemPackage

/// A small file with a secret in it that nobody but its owner may read, and that takes nobody else's place.
package struct SecretFile {
    package let path: FilePath
    package let bytes: [UInt8]

    package init(path: FilePath, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
    }

    /// A key is 2.5 kB.
    private static let sizeLimit = 1 << 20

    /// - Parameter replaces: Whether another file of that name may go.
    /// - Throws: ``MigrationError`` if there is one, and it may not.
    package func check(replaces: Bool) throws {
        guard let identity = FileIdentity(path: path) else { return }
        guard identity.isRegularFile else { throw MigrationError(.usage, "\(path) exists and is not a file.") }
        if replaces { return }
        let isSame =
            try identity.size == Int64(bytes.count)
            && SecretFile.read(path, next: "Use another file.").elementsEqual(bytes)
        guard isSame else {
            throw MigrationError(
                .unmetRequirement, "\(path) already exists, with other contents.",
                next: "Use another file, or add --force to replace it. Nothing was written.")
        }
    }

    /// Writes it, whole or not at all.
    package func write() async throws {
        try await AtomicFile.write(path) { try await $0.append(ByteBuffer(bytes: bytes)) }
    }

    /// The whole file, on this thread: it is small.
    ///
    /// - Parameter next: What to do where it cannot be read.
    /// - Throws: ``MigrationError`` with code `usage`.
    package static func read(_ path: FilePath, next: String) throws -> Data {
        func refused(_ problem: String) -> MigrationError {
            MigrationError(.usage, "\(path) \(problem).", next: next)
        }
        try MisplacedSecret.refuse(path.string, as: "The path of a file")
        do {
            let reader = try FileReader(path: path)
            guard try reader.identity().isRegularFile else { throw refused("is not a file") }
            var bytes = Data()
            while bytes.count <= sizeLimit, let chunk = try reader.readNow() { bytes += chunk.readableBytesView }
            guard bytes.count <= sizeLimit else { throw refused("is too large") }
            return bytes
        } catch let error as MigrationError {
            throw MigrationError(.usage, error.message, next: next)
        } catch {
            throw refused("cannot be read: \(error)")
        }
    }

    /// Whether the rights on a file let its group or everybody read it.
    package static func isReadableByOthers(_ path: FilePath) -> Bool {
        var status = stat()
        return stat(path.string, &status) == 0 && status.st_mode & 0o044 != 0
    }
}
