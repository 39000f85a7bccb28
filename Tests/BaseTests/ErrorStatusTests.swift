import Testing

@testable import MigrationKitBase

/// What scripts go by.
@Suite struct ErrorStatusTests {
    private static let statuses: [(MigrationError.Code, Int32)] = [
        (.failed, 1), (.cutOff, 1), (.usage, 2), (.unmetRequirement, 3), (.unreachable, 3), (.damagedSnapshot, 4),
        (.tornDump, 4), (.importFailed, 5), (.proofFailed, 5), (.upgradeFailed, 6), (.acceptanceFailed, 7),
        (.locked, 8), (.interrupted, 130),
    ]

    @Test(arguments: statuses)
    func eachKindOfFailureHasItsExitStatus(code: MigrationError.Code, status: Int32) {
        #expect(code.exitStatus == status)
        #expect(MigrationError(code, "").exitStatus == status)
    }

    @Test func kindThatNobodyKnowsIsAPlainFailure() {
        #expect(MigrationError.Code(rawValue: "whatever").exitStatus == 1)
    }
}
