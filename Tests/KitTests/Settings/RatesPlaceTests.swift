import NIOCore
import SystemPackage
import TestSupport
import Testing

@testable import MigrationKit
@testable import MigrationKitBase

/// What rehearsals measured, as it is read again.
@Suite struct RatesPlaceTests {
    private let folder: TestFolder
    private let place: RatesPlace

    init() throws {
        folder = try TestFolder()
        place = RatesPlace(
            of: .googleCloudStorage(bucket: "acme", prefix: "x"),
            environment: ["XDG_STATE_HOME": folder.file("state").string])
    }

    private func measure() async throws {
        try await place.write(
            ImportRates(
                host: "vm", sessions: 4,
                databases: [.init(.primary, size: 1, rows: 2, indexes: nil, proof: 3, analysis: 4)]
            ))
    }

    /// Puts a text in the place of what was measured.
    private func replace(with text: String) async throws {
        try await measure()
        try await AtomicFile.write(place.path) { try await $0.append(.init(string: text)) }
    }

    @Test func whatWasMeasuredIsRead() async throws {
        #expect(try await place.read() == nil)
        try await measure()
        #expect(try await place.read()?.databases.first?.proof == 3)
    }

    @Test(arguments: ["", "{\"format\": 1", "{\"format\": 1}", "[]"])
    func damagedFileIsNamed(text: String) async throws {
        try await replace(with: text)
        let error = await #expect(throws: MigrationError.self) { try await place.read() }
        #expect(
            error?.message.hasSuffix("cannot be used: \(place.path) is damaged.") == true,
            "\(String(describing: error))")
    }

    @Test func fileOfAnotherVersionIsToldApart() async throws {
        try await replace(with: "{\"format\": 2}")
        let error = await #expect(throws: MigrationError.self) { try await place.read() }
        #expect(error?.message.contains("another version of mi-migrate wrote \(place.path).") == true)
    }
}
