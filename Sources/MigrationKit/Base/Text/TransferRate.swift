/// How fast to send, as a person writes it: `50MB/s`, `10MiB/s`, `200Mbit/s`.
public struct TransferRate: Sendable, Hashable, CustomStringConvertible {
    /// Bytes a second; at least one.
    public let bytesPerSecond: Int64

    /// In lower case, as far as it makes no difference: a `B` is a byte.
    private static let units: [String: Double] = [
        "B": 1, "kB": 1e3, "mB": 1e6, "gB": 1e9, "kiB": 1024, "miB": 1_048_576, "giB": 1_073_741_824,
        "bit": 1 / 8, "kbit": 1e3 / 8, "mbit": 1e6 / 8, "gbit": 1e9 / 8,
    ]

    /// Reads a rate.
    ///
    /// - Parameter text: A number and a unit, with or without `/s`.
    /// - Throws: ``MigrationError`` of code `usage` for anything else, also for what could be meant as bits or as bytes,
    ///   such as `Mb`, and for a number without a unit.
    public init(_ text: String) throws {
        let number = text.prefix { $0.isASCII && $0.isNumber || $0 == "." }
        var unit = text.dropFirst(number.count).drop { $0 == " " }
        if unit.hasSuffix("/s") { unit.removeLast(2) }
        let isNumber = number.first?.isNumber == true && number.last?.isNumber == true
        let scale = Self.units[unit.hasSuffix("B") ? unit.dropLast().lowercased() + "B" : unit.lowercased()]
        guard isNumber, let value = Double(number), let scale, (1...1e15).contains(value * scale) else {
            throw MigrationError(
                .usage, "`\(text.printable)` is not a rate.",
                next: "Write a number and a unit, such as 50MB/s, 10MiB/s or 200Mbit/s.")
        }
        bytesPerSecond = Int64(value * scale)
    }

    /// The rate in bytes, as it is shown: `50.0 MB/s`.
    public var description: String { "\(Quantity.bytes(bytesPerSecond))/s" }
}
