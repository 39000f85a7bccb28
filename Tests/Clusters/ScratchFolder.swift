package import Foundation
package import SystemPackage

/// A folder that goes when nobody needs it any more.
package final class ScratchFolder: Sendable {
    package let path: FilePath
    /// The path, of which others are made by the thousand: unoptimised, a `FilePath` takes ten times as long for that.
    private let name: String

    package init(in parent: FilePath) throws {
        path = parent.appending(UUID().uuidString)
        name = path.string
        try FileManager.default.createDirectory(atPath: place("bin"), withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path.string) }

    package func file(_ name: String) -> FilePath { FilePath(place(name)) }

    private func place(_ name: String) -> String { "\(self.name)/\(name)" }

    /// Names in a folder of this one, hidden ones too.
    package func list(_ name: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: place(name)).sorted()
    }

    package func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: place(name)) }

    package func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: place(name))) }

    package func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }

    /// Writes a file, and the folder it is in.
    package func write(_ name: String, _ text: String, mode: Int = 0o600) throws {
        try write(name, Data(text.utf8), mode: mode)
    }

    package func write(_ name: String, _ bytes: Data, mode: Int = 0o600) throws {
        let file = place(name)
        if name.utf8.contains(UInt8(ascii: "/")) {
            try FileManager.default.createDirectory(
                atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        }
        try bytes.write(to: URL(fileURLWithPath: file))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
    }

    package func copy(_ source: FilePath, to name: String) throws {
        try FileManager.default.copyItem(atPath: source.string, toPath: place(name))
    }

    package func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: place(name)) }

    /// The rights on a file or folder, such as 0o600.
    package func mode(_ name: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: place(name))[.posixPermissions] as? Int
    }
}
