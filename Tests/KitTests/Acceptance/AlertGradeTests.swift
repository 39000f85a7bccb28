import Testing

@testable import MigrationKit
@testable import MigrationKitBase
@testable import MigrationKitSourcegraphAPI

@Suite struct AlertGradeTests {
    private func grade(
        _ type: String, _ message: String, key: String? = nil, before: [String] = []
    ) -> Finding.Verdict {
        AlertGrade(SiteAlert(type: type, message: message, isDismissibleWithKey: key), before: before).verdict
    }

    @Test(arguments: [
        ("INFO", "An update is available: [Sourcegraph v5.2.0](x)", "update-available-5.2.0", Finding.Verdict.pass),
        ("ERROR", "Sourcegraph is 7+ months out of date, upgrade", "", .pass),
        ("WARNING", "Warning: Sourcegraph cannot send emails! [Configure `email.smtp`](x)", "email-sending", .warn),
        ("ERROR", "Update [**site configuration**](/x) to resolve problems: x", "", .fail),
        ("WARNING", "[**Update site configuration**](/x) to resolve problems:\n* x", "", .warn),
        ("WARNING", "[**Update external service configuration**](/x) to resolve problems:\n* x", "", .fail),
        ("ERROR", "2 critical alerts across 1 service currently firing - [view alerts](/-/debug/grafana)", "", .fail),
        ("ERROR", "The Sourcegraph license key is invalid. Reason: x", "", .fail),
        ("INFO", "Lunch is at noon", "lunch", .pass),
    ])
    func knownAlertIsGradedByKind(type: String, message: String, key: String, verdict: Finding.Verdict) {
        #expect(grade(type, message, key: key.isEmpty ? nil : key) == verdict)
    }

    @Test(arguments: [("ERROR", Finding.Verdict.fail), ("WARNING", .warn), ("INFO", .pass), ("NEW", .warn)])
    func unknownAlertIsGradedByType(type: String, verdict: Finding.Verdict) {
        #expect(grade(type, "something nobody has seen") == verdict)
    }

    @Test(arguments: [("ERROR", Finding.Verdict.fail), ("WARNING", .warn), ("INFO", .pass)])
    func thatItCanBeClickedAwayMakesAnAlertNoBetter(type: String, verdict: Finding.Verdict) {
        #expect(grade(type, "something nobody has seen", key: "something") == verdict)
        let license = "Sourcegraph license expired! All non-admin users are locked out of Sourcegraph."
        #expect(grade(type, license, key: "license") == .fail)
    }

    @Test func whatWasThereBeforeMakesNothingWorse() {
        #expect(grade("WARNING", "something", before: ["something"]) == .warn)
        #expect(grade("INFO", "something", before: ["something"]) == .pass)
    }

    @Test func whatWasThereBeforeIsNoFaultOfTheMigration() {
        #expect(grade("ERROR", "something", before: ["something"]) == .warn)
        #expect(grade("ERROR", "something", before: ["something else"]) == .fail)
    }

    @Test func licenseMustBeValidInTheNewPlace() {
        let expired = "Sourcegraph license expired! All non-admin users are locked out of Sourcegraph."
        #expect(grade("ERROR", expired, before: [expired]) == .fail)
    }
}
