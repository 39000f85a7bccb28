internal import NIOCore
internal import SystemPackage

/// A small file with a secret in it that nobody but its owner may read, and that takes nobody else's place.
struct SecretFile {
    let path: FilePath
    let bytes: [UInt8]

    /// - Parameter replaces: Whether another file of that name may go.
    /// - Throws: ``MigrationError`` if there is one, and it may not.
    func check(replaces: Bool) throws {
        guard let identity = FileIdentity(path: path) else { return }
        guard identity.isRegularFile else { throw MigrationError(.usage, "\(path) exists and is not a file.") }
        if replaces { return }
        let isSame =
            try identity.size == Int64(bytes.count)
            && CredentialFile.bytes(path, next: "Use another file.").elementsEqual(bytes)
        guard isSame else {
            throw MigrationError(
                .unmetRequirement, "\(path) already exists, with other contents.",
                next: "Use another file, or add --force to replace it. Nothing was written.")
        }
    }

    /// Writes it, whole or not at all.
    func write() async throws {
        try await AtomicFile.write(path) { try await $0.append(ByteBuffer(bytes: bytes)) }
    }
}
