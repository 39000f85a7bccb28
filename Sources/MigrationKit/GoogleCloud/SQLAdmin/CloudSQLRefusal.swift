/// The Admin API has not done what it was asked for, and what that means.
package struct CloudSQLRefusal: Error {
    package let google: GoogleAPIError
    /// What was asked for, as the beginning of a sentence.
    package let what: String
    let project: String
    let instance: String
    let account: String

    init(_ google: GoogleAPIError, what: String, admin: CloudSQLAdmin) {
        (self.google, self.what) = (google, what)
        (project, instance, account) = (admin.project, admin.instance, admin.client.account)
    }

    /// Another operation is in the way: nothing was done, and it may be asked for again.
    package var isBusy: Bool { google.status == 409 && !google.message.contains("already exists") }

    /// The instance's own account may not read the bucket, or may not yet: it takes minutes until a grant counts. Until
    /// 2025 the status was 403.
    package var isBucketRefusal: Bool {
        (google.status == 412 || google.status == 403) && google.message.contains("service account")
    }

    /// There is such a database: 400, not 409.
    package var saysDatabaseIsThere: Bool { google.message.contains("already exists") }
    /// There is no such thing.
    package var saysThereIsNone: Bool { google.status == 404 || google.message.contains("does not exist") }
    /// The database is another role's, so it has to be handed over first. The hint behind it is the same for all.
    package var saysWrongOwner: Bool { google.message.contains("must be owner of database") }
    /// Somebody is connected to the database.
    package var saysInUse: Bool { google.message.contains("is being accessed by other users") }

    /// The refusal for a person.
    package var error: MigrationError {
        if let common = google.commonRefusal(what, account: account) { return common }
        return switch google.status {
        case 401:
            MigrationError(
                .unmetRequirement, "Cloud SQL rejected the token of \(account).",
                next: "Check --credentials, and that the clock of this machine is right.", details: [google.message])
        case 403:
            MigrationError(
                .unmetRequirement, "\(account) is not allowed to do this on \(instance).",
                // Google says the same of what is not there.
                next: "Check --project and --instance. Grant it roles/cloudsql.admin in the project \(project), and "
                    + "check that the Cloud SQL Admin API is enabled.",
                details: [google.message])
        case 404:
            MigrationError(
                .unmetRequirement, "\(what) was not found in the project \(project).",
                next: "Check --project and --instance.", details: [google.message])
        default: google.error(what)
        }
    }
}

/// Nobody knows whether the Admin API has done what it was asked for: the connection broke, or the server said that it
/// is in trouble.
package struct CloudSQLUnanswered: Error {
    /// What was asked for, as the beginning of a sentence.
    package var what: String
    /// What happened, as part of a sentence.
    package var reason: String
    /// How long the server wants to be left alone.
    package var retryAfter: Duration?
}
