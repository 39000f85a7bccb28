/// What an alert means for a migrated instance. `src` takes every one for critical, the word of a new release too.
///
/// Source: graphqlbackend/site_alerts.go and the licence's alerts, Sourcegraph 3.21 to 5.5. Alerts have no ids; but for
/// those that can be clicked away they are told by how their text begins.
struct AlertGrade {
    let verdict: Finding.Verdict
    /// What it is about, in a few words.
    let meaning: String

    private init(_ verdict: Finding.Verdict, _ meaning: String) {
        self.verdict = verdict
        self.meaning = meaning
    }

    /// - Parameters:
    ///   - alert: The alert.
    ///   - before: The texts of those that the instance showed before it was migrated.
    init(_ alert: SiteAlert, before: [String]) {
        let known = Self.byKey(alert.isDismissibleWithKey) ?? Self.byText(alert.message)
        let grade =
            known
            ?? (alert.type == "INFO"
                ? Self(.pass, "for information")
                : Self(alert.type == "ERROR" ? .fail : .warn, "unknown to this program"))
        let wasThere = before.contains(alert.message) && grade.verdict == .fail && known?.isAboutTheNewPlace != true
        self = wasThere ? Self(.warn, grade.meaning + "; it existed before the migration") : grade
    }

    /// A license key may have been good where the instance came from.
    private var isAboutTheNewPlace: Bool { meaning.contains("license") }

    private static func byKey(_ key: String?) -> AlertGrade? {
        guard let key else { return nil }
        if key.hasPrefix("update-available-") || key.hasPrefix("months-out-of-date-") { return update }
        return key == "email-sending" ? email : nil
    }

    private static let update = Self(.pass, "a newer release")
    private static let email = Self(.warn, "no email is sent until SMTP is set up")

    private static func byText(_ text: String) -> AlertGrade? {
        if text.hasPrefix("Sourcegraph is "), text.contains("months out of date") { return update }
        if text.contains("currently firing") { return Self(.fail, "a critical monitoring alert") }
        return beginnings.first { text.hasPrefix($0.text) }?.grade
    }

    private static let beginnings: [(text: String, grade: AlertGrade)] = [
        ("An update is available", update),
        ("Warning: Sourcegraph cannot send emails", email),
        ("Update [**site configuration**]", Self(.fail, "the site configuration cannot be read")),
        ("[**Update site configuration**]", Self(.warn, "problems in the site configuration")),
        ("[**Update external service configuration**]", Self(.fail, "problems with code hosts")),
        ("Unable to fetch alerts status", Self(.warn, "its monitoring does not respond")),
        ("Failed to fetch alerts status", Self(.warn, "its monitoring does not respond")),
        ("Prometheus misconfigured", Self(.warn, "its monitoring does not respond")),
        ("The Sourcegraph license key is invalid", Self(.fail, "the license")),
        ("Error reading Sourcegraph license key", Self(.fail, "the license")),
        ("Sourcegraph license expired", Self(.fail, "the license")),
        ("Sourcegraph license will expire soon", Self(.warn, "the license")),
        ("A Sourcegraph license is required to custom branding", Self(.warn, "the license")),
        ("A Sourcegraph license is required", Self(.fail, "the license")),
        ("One or more of your code hosts is running a version of GitLab", Self(.warn, "an old GitLab")),
        ("You're about to reach the 100GiB storage limit", Self(.warn, "disk space")),
        ("You've used all 100GiB of storage", Self(.warn, "disk space")),
        ("The Cody limit for", Self(.pass, "Cody usage")),
    ]
}
