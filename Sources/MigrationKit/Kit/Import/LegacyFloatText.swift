import MigrationKitCLibrary

/// Writes floating-point numbers as servers before PostgreSQL 12 did.
///
/// pg_dump sets `extra_float_digits` to 3. Up to 11 that meant 18 significant digits for `double precision` and 9 for
/// `real`; from 12 on it means the shortest text that reads back as the same number. The number is the same, the text is
/// not, so rows that are read back from a newer server are written in the older way before they are compared.
///
/// Source: PostgreSQL's documentation of `extra_float_digits`; seen on 11.13.
struct LegacyFloatText: Sendable {
    /// Which columns hold what, by their place in the row.
    private let columns: [Int: Kind]

    enum Kind: Sendable { case real, double }

    /// The first server whose texts are the shortest.
    static let firstShortestMajor = 12

    /// - Parameter types: The columns' types as `format_type` gives them, domains resolved. Nil if none is a float.
    init?(types: [String]) {
        var columns: [Int: Kind] = [:]
        for (index, type) in types.enumerated() {
            switch type {
            case "real", "real[]": columns[index] = .real
            case "double precision", "double precision[]": columns[index] = .double
            default: break
            }
        }
        guard !columns.isEmpty else { return nil }
        self.columns = columns
    }

    /// A row of COPY text with its floats rewritten.
    func rewrite(_ row: UnsafeRawBufferPointer) -> [UInt8] {
        let fields = row.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
        var result: [UInt8] = []
        for (index, field) in fields.enumerated() {
            if index > 0 { result.append(UInt8(ascii: "\t")) }
            if let kind = columns[index] {
                Self.append(field, as: kind, to: &result)
            } else {
                result.append(contentsOf: field)
            }
        }
        return result
    }

    /// A number, or an array's `{1,NULL,{2}}`: whatever is no number between the separators stays.
    private static func append(_ field: Slice<UnsafeRawBufferPointer>, as kind: Kind, to result: inout [UInt8]) {
        var number: [UInt8] = []
        func end() {
            let text = String(decoding: number, as: UTF8.self)
            result.append(contentsOf: (legacyText(text, kind) ?? text).utf8)
            number.removeAll(keepingCapacity: true)
        }
        // `[2:3]={…}`: the bounds of an array are no elements.
        var inBounds = field.first == UInt8(ascii: "[")
        for byte in field {
            if byte == UInt8(ascii: "=") { inBounds = false }
            if inBounds || byte == UInt8(ascii: "{") || byte == UInt8(ascii: "}") || byte == UInt8(ascii: ",")
                || byte == UInt8(ascii: "=")
            {
                end()
                result.append(byte)
            } else {
                number.append(byte)
            }
        }
        end()
    }

    /// Nil for what is no finite number: `NaN`, `Infinity`, `NULL`, `\N` are written alike by all versions.
    private static func legacyText(_ text: String, _ kind: Kind) -> String? {
        switch kind {
        case .double:
            guard let value = Double(text), value.isFinite else { return nil }
            return printed(value, digits: 18)
        case .real:
            guard let value = Float(text), value.isFinite else { return nil }
            return printed(Double(value), digits: 9)
        }
    }

    private static func printed(_ value: Double, digits: Int32) -> String {
        // `-1.23456789012345678e-308` and its NUL.
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { text in
            let length = withVaList([digits, value]) { vsnprintf(text.baseAddress, text.count, "%.*g", $0) }
            return String(decoding: UnsafeRawBufferPointer(text).prefix(Int(length)), as: UTF8.self)
        }
    }
}
