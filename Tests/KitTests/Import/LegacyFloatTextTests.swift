import Testing

@testable import MigrationKit

/// Expected texts: seen on PostgreSQL 11.13 with `extra_float_digits` 3.
@Suite struct LegacyFloatTextTests {
    private func rewritten(_ row: String, _ types: [String]) throws -> String {
        let floats = try #require(LegacyFloatText(types: types))
        return Array(row.utf8).withUnsafeBytes { String(decoding: floats.rewrite($0), as: UTF8.self) }
    }

    @Test(arguments: [
        ("0.1", "0.100000000000000006"), ("1e-40", "9.99999999999999929e-41"), ("-0", "-0"), ("100", "100"),
        ("1e+20", "1e+20"), ("NaN", "NaN"), ("-Infinity", "-Infinity"), (#"\N"#, #"\N"#),
    ])
    func doublesHaveEighteenDigits(shortest: String, legacy: String) throws {
        #expect(try rewritten(shortest, ["double precision"]) == legacy)
    }

    @Test(arguments: [("0.1", "0.100000001"), ("1e-40", "9.9999461e-41"), ("2.5", "2.5")])
    func realsHaveNineDigits(shortest: String, legacy: String) throws {
        #expect(try rewritten(shortest, ["real"]) == legacy)
    }

    @Test func elementsOfArraysAreRewrittenAndBoundsAreNot() throws {
        #expect(
            try rewritten("[2:4]={0.1,NULL,{0.2}}", ["double precision[]"])
                == "[2:4]={0.100000000000000006,NULL,{0.200000000000000011}}")
    }

    @Test func otherColumnsStay() throws {
        #expect(
            try rewritten("0.1\t0.1\t0.1", ["text", "double precision", "numeric"]) == "0.1\t0.100000000000000006\t0.1")
    }

    @Test func tableWithoutFloatsNeedsNoRewriting() {
        #expect(LegacyFloatText(types: ["text", "numeric", "jsonb"]) == nil)
    }
}
