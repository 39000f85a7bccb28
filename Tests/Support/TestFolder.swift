import Foundation
package import SystemPackage

/// A folder of a test's own.
package final class TestFolder: Sendable {
    package let path: FilePath

    package init() throws {
        // Short: the paths of Unix sockets have to be.
        let name = String(UInt32.random(in: 0 ... .max), radix: 36)
        path = FilePath(FileManager.default.temporaryDirectory.path).appending("mk-\(name)")
        try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path.string) }

    package func file(_ name: String) -> FilePath { path.appending(name) }

    @discardableResult
    package func write(_ name: String, _ text: String, mode: Int = 0o600) throws -> FilePath {
        try Data(text.utf8).write(to: URL(fileURLWithPath: file(name).string))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file(name).string)
        return file(name)
    }
}
