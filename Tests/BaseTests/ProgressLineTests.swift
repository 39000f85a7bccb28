import Testing

@testable import MigrationKitBase

/// What is told of work that goes on.
@Suite struct ProgressLineTests {
    private let half = ProgressLine(
        name: "primary.sql", bytes: 2_000_000_000, total: 4_000_000_000, rate: 50_000_000, elapsed: .seconds(47),
        detail: "public.users")

    @Test func allThatIsKnownIsTold() {
        #expect(half.text == "primary.sql: 50%, 2.00 GB of about 4.00 GB, 50.0 MB/s, 40 s left, public.users")
    }

    @Test func passwordInItIsNotTold() {
        var line = half
        line.name = "postgres://u:open-sesame@db"
        line.detail = "connects to postgres://v:abracadabra@db"
        for text in [line.text, line.text(width: 200), line.text(width: 40)] {
            #expect(!text.contains("sesame") && !text.contains("abra"))
        }
        #expect(line.text.hasPrefix("postgres://<redacted>@db: 50%"))
    }

    @Test func terminalHasABar() {
        #expect(
            half.text(width: 200) == "primary.sql: [############............] 50%, 2.00 GB of about 4.00 GB, "
                + "50.0 MB/s, 40 s left, public.users")
    }

    @Test func barsStandBelowEachOther() {
        #expect(half.text(width: 200, nameWidth: 14).hasPrefix("primary.sql:    [####"))
    }

    @Test(arguments: [(Int64(0), "[........................] 0%"), (4_000_000_000, "[########################] 100%")])
    func barIsEmptyAtTheStartAndFullAtTheEnd(bytes: Int64, bar: String) {
        var line = half
        line.bytes = bytes
        #expect(line.text(width: 200).contains(bar))
    }

    @Test func withoutATotalThereIsNoBarAndTheTimeIsThatWhichHasPassed() {
        var line = half
        // A dump of unknown size; an empty one; an estimate that was too low.
        for total in [nil, 0, 1_999_999_999] as [Int64?] {
            line.total = total
            #expect(line.text == "primary.sql: 2.00 GB, 50.0 MB/s, 47.0 s, public.users")
            #expect(line.text(width: 200) == line.text)
        }
    }

    @Test func timeLeftIsInUnitsThatMatter() {
        var line = half
        line.total = 100_000_000_000
        line.bytes = 100_000_000_000 - 723 * 50_000_000
        #expect(line.text.contains(", 12 min 03 s left, "))
    }

    @Test func withoutARateNoTimeIsForetold() {
        var line = half
        // None yet; a link that stands still; a hostile size.
        for (rate, total) in [(nil, 4_000_000_000), (0, 4_000_000_000), (1, .max)] as [(Int64?, Int64)] {
            (line.rate, line.total) = (rate, total)
            #expect(line.secondsLeft == nil)
            #expect(!line.text.contains("left"))
        }
    }

    @Test func silenceIsTold() {
        var line = half
        line.silence = .seconds(4)
        #expect(line.text == half.text)
        line.silence = .seconds(65)
        #expect(line.text.contains("50.0 MB/s, no progress for 1 min 05 s, public.users"))
    }

    @Test func detailIsCutFirstThenTheBarGoesThenTheLineIsCut() {
        let full = half.text(width: 200)
        #expect(half.text(width: full.count) == full)
        #expect(half.text(width: full.count - 3) == full.dropLast(3))
        let withoutDetail = String(full.dropLast(", public.users".count))
        #expect(half.text(width: full.count - 8) == withoutDetail)
        #expect(half.text(width: withoutDetail.count) == withoutDetail)
        #expect(half.text(width: withoutDetail.count - 1).hasPrefix("primary.sql: 50%, 2.00 GB of about 4.00 GB, "))
        #expect(half.text(width: 30) == half.text.prefix(30))
        #expect(half.text(width: 0) == "")
    }

    @Test func lineFitsWhateverItsDetailIs() {
        var line = half
        for detail in [String(repeating: "x", count: 500), String(repeating: "表", count: 100), "\u{1B}[2J", ""] {
            line.detail = detail
            for width in 0..<150 {
                let text = line.text(width: width)
                #expect(text.unicodeScalars.reduce(0) { $0 + ($1.isASCII ? 1 : 2) } <= width)
                #expect(!text.contains("\u{1B}"))
            }
        }
    }
}
