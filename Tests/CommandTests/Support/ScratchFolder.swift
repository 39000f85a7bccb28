import Foundation
import SystemPackage

/// A folder that goes when nobody needs it any more.
final class ScratchFolder: Sendable {
    let path: FilePath

    init(in parent: FilePath) throws {
        path = parent.appending(UUID().uuidString)
        try FileManager.default.createDirectory(atPath: path.appending("bin").string, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path.string) }

    func file(_ name: String) -> FilePath { path.appending(name) }

    /// Names in a folder of this one, hidden ones too.
    func list(_ name: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: file(name).string).sorted()
    }

    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: file(name).string) }

    func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: file(name).string)) }

    func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }

    /// Writes a file, and the folder it is in.
    func write(_ name: String, _ text: String, mode: Int = 0o600) throws {
        try write(name, Data(text.utf8), mode: mode)
    }

    func write(_ name: String, _ bytes: Data, mode: Int = 0o600) throws {
        let file = file(name)
        try FileManager.default.createDirectory(
            atPath: file.removingLastComponent().string, withIntermediateDirectories: true)
        try bytes.write(to: URL(fileURLWithPath: file.string))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.string)
    }

    func copy(_ source: FilePath, to name: String) throws {
        try FileManager.default.copyItem(atPath: source.string, toPath: file(name).string)
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: file(name).string) }

    /// The rights on a file or folder, such as 0o600.
    func mode(_ name: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: file(name).string)[.posixPermissions] as? Int
    }
}
