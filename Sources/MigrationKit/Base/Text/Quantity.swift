/// Numbers as people read them.
package enum Quantity {
    /// Bytes in decimal units, as disks and links are sold: `1.24 GB`.
    package static func bytes(_ count: Int64) -> String {
        var value = Double(count)
        for unit in ["B", "kB", "MB", "GB"] {
            if value < 999.5 { return unit == "B" ? "\(count) B" : "\(fixed(value)) \(unit)" }
            value /= 1000
        }
        return "\(fixed(value)) TB"
    }

    /// Bytes a second.
    package static func rate(_ bytes: Int64, in duration: Duration) -> String {
        let seconds = duration / .seconds(1)
        return seconds > 0 ? "\(Self.bytes(Int64(Double(bytes) / seconds)))/s" : "-"
    }

    /// A duration: `8.4 s`, `12 min 03 s`, `2 h 05 min`.
    package static func duration(_ duration: Duration) -> String {
        let seconds = duration / .seconds(1)
        if seconds < 60 { return "\(fixed(seconds)) s" }
        let whole = Int(seconds)
        func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        if whole < 3600 { return "\(whole / 60) min \(padded(whole % 60)) s" }
        return "\(whole / 3600) h \(padded(whole / 60 % 60)) min"
    }

    /// A count with its thousands apart: `1,234,567`.
    package static func count(_ number: Int) -> String {
        var digits = String(number.magnitude)
        var groups: [String] = []
        while digits.count > 3 {
            groups.insert(String(digits.suffix(3)), at: 0)
            digits.removeLast(3)
        }
        return (number < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
    }

    /// Of a hundred, rounded down: a fraction that may come from a hostile server, and be far from 0 to 1.
    package static func percent(_ fraction: Double) -> Int { Int((min(max(fraction, 0), 1) * 100).rounded(.down)) }

    /// The sum of counts that may come from a hostile manifest: it stops at the largest number.
    package static func sum(_ numbers: [Int]) -> Int {
        numbers.reduce(0) { sum, number in
            let (total, overflow) = sum.addingReportingOverflow(number)
            return overflow ? .max : total
        }
    }

    /// The same of bytes.
    package static func sum64(_ numbers: [Int64]) -> Int64 { Int64(sum(numbers.map(Int.init))) }

    /// Three significant digits.
    private static func fixed(_ value: Double) -> String {
        let decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0
        let scale = decimals == 2 ? 100.0 : decimals == 1 ? 10.0 : 1.0
        let scaled = Int((value * scale).rounded())
        if decimals == 0 { return "\(scaled)" }
        let fraction = String(scaled % Int(scale))
        return "\(scaled / Int(scale))." + String(repeating: "0", count: decimals - fraction.count) + fraction
    }
}
