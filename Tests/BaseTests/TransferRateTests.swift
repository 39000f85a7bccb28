import MigrationKitBase
import Testing

@Suite struct TransferRateTests {
    @Test(arguments: [
        ("50MB/s", 50_000_000), ("10MiB/s", 10_485_760), ("800kB/s", 800_000), ("200Mbit/s", 25_000_000),
        ("1.5GB/s", 1_500_000_000), ("50MB", 50_000_000), ("1gbit", 125_000_000), ("64KiB", 65_536),
        ("1 MB/s", 1_000_000), ("100B/s", 100), ("8bit/s", 1), ("1KB", 1000),
        ("0.5kB", 500),
    ])
    func rateIsRead(text: String, bytesPerSecond: Int64) throws {
        #expect(try TransferRate(text).bytesPerSecond == bytesPerSecond)
    }

    @Test(arguments: [
        "", " ", "MB/s", "/s", "0", "0MB/s", "0.1", "-5MB/s", "+5MB/s", "50Mb/s", "50mb", "50M", "50", "50/s", "50MB/h",
        "50MB/s/s",
        "50MBps", "1e6", "1e6MB", "nan", "inf", "1.2.3MB", ".5MB", "5.MB", "1,5MB", "٥MB", "50 MB per second",
        "99999999999999999999GB/s", "\u{1B}[31m5",
    ])
    func anythingElseIsRefusedWithAnExample(text: String) throws {
        let error = try #require(throws: MigrationError.self) { try TransferRate(text) }
        #expect(error.code == .usage)
        #expect(error.next?.contains("50MB/s") == true)
        #expect(!error.message.contains("\u{1B}"))
    }

    @Test func rateIsShownInBytes() throws {
        #expect("\(try TransferRate("200Mbit/s"))" == "25.0 MB/s")
    }
}
