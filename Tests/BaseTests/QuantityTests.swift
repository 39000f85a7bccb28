import Testing

@testable import MigrationKitBase

@Suite struct QuantityTests {
    @Test(arguments: [
        (Int64(0), "0 B"), (999, "999 B"), (1000, "1.00 kB"), (22_721_148, "22.7 MB"), (999_499_999, "999 MB"),
        (999_500_000, "1.00 GB"), (5_000_000_000_000, "5.00 TB"),
    ])
    func bytesHaveThreeDigits(count: Int64, text: String) {
        #expect(Quantity.bytes(count) == text)
    }

    @Test(arguments: [
        (Duration.milliseconds(470), "0.47 s"), (.seconds(8.44), "8.44 s"), (.seconds(59.9), "59.9 s"),
        (.seconds(723), "12 min 03 s"), (.seconds(7500), "2 h 05 min"),
    ])
    func durationsHaveTheUnitsThatMatter(duration: Duration, text: String) {
        #expect(Quantity.duration(duration) == text)
    }

    @Test(arguments: [
        (0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567"), (-12_345, "-12,345"),
        (.min, "-9,223,372,036,854,775,808"),
    ])
    func thousandsStandApart(number: Int, text: String) {
        #expect(Quantity.count(number) == text)
    }

    @Test(arguments: [(0.637, 63), (0.999, 99), (1, 100), (-1e300, 0), (1e308, 100), (.infinity, 100)])
    func percentIsThatOfAFractionWhateverItIs(fraction: Double, percent: Int) {
        #expect(Quantity.percent(fraction) == percent)
    }

    @Test func rateOfNoTimeIsUnknown() {
        #expect(Quantity.rate(100, in: .zero) == "-")
        #expect(Quantity.rate(1_000_000, in: .milliseconds(500)) == "2.00 MB/s")
    }
}
