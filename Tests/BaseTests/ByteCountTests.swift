import MigrationKitBase
import Testing

@Suite struct ByteCountTests {
    @Test(arguments: [
        ("1GiB", 1 << 30), ("500MB", 500_000_000), ("64MiB", 64 << 20), ("1.5GB", 1_500_000_000),
        ("16777216", 16 << 20),
        ("16 MiB", 16 << 20), ("100B", 100),
    ])
    func sizeIsRead(text: String, bytes: Int64) throws {
        #expect(try ByteCount(text).bytes == bytes)
    }

    @Test(arguments: ["", "1G", "1Gb", "1Gbit", "50MB/s", "-1GiB", "1e9", "GiB", "1,5GB", "0", "1.", "\u{1B}[31m5"])
    func anythingElseIsRefusedWithAnExample(text: String) throws {
        let error = try #require(throws: MigrationError.self) { try ByteCount(text) }
        #expect(error.code == .usage && error.next?.contains("1GiB") == true && !error.message.contains("\u{1B}"))
    }

    @Test func sizeIsShownInDecimalUnits() throws {
        #expect("\(try ByteCount("1GiB"))" == "1.07 GB")
    }
}
