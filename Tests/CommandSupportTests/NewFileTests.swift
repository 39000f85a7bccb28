import ArgumentParser
import Foundation
import MigrationKitBase
import SystemPackage
import TestSupport
import Testing

@testable import MigrationKitCommandSupport

@Suite struct NewFileTests {
    @Test func fileIsForItsOwnerAloneAndReplacesNoneUnlessForced() async throws {
        let folder = try TestFolder()
        let path = folder.file("targets.yaml")
        var options = try NewFileOptions.parse([])
        try await options.write("a", to: path)
        let rights = try FileManager.default.attributesOfItem(atPath: path.string)[.posixPermissions] as? Int
        #expect(rights == 0o600)
        await #expect(throws: MigrationError.self) { try await options.write("b", to: path) }
        #expect(try String(contentsOfFile: path.string, encoding: .utf8) == "a")
        options = try NewFileOptions.parse(["--force"])
        try await options.write("b", to: path)
        #expect(try String(contentsOfFile: path.string, encoding: .utf8) == "b")
    }
}
