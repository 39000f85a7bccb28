/// Why one of Google's APIs refuses, where its answer establishes that. A status alone does not: a 403 may come of a
/// missing role, a perimeter, a bill, a key, an address, or from a proxy that is not Google at all.
package enum GoogleRefusal: Equatable {
    /// The answer has none of the API's forms: it is a proxy's or a gateway's.
    case somebodyElse
    /// VPC Service Controls.
    case perimeter
    case billing
    /// The API is not turned on in the project.
    case apiOff
    case requesterPays
    /// Cloud Storage may not use the bucket's key in Cloud KMS.
    case keyDenied
    case keyOff
    /// The bucket's IP filter.
    case address
    /// The object is there, and a retention policy keeps it.
    case retention
    /// The account lacks this permission, such as `storage.objects.create`; or there is no such resource, which Google
    /// does not tell apart.
    case permission(String)
}

extension GoogleAPIError {
    /// Why it was refused, by Google's own words; nil: they establish nothing that is known here.
    ///
    /// Sources: Google's pages "HTTP status and error codes" of both APIs of Cloud Storage, "VPC Service Controls
    /// troubleshooting"; answers as they were seen.
    package var cause: GoogleRefusal? {
        guard isOfTheAPI else { return .somebodyElse }
        func says(_ words: String...) -> Bool { words.contains { message.lowercased().contains($0) } }
        switch reason {
        case "SecurityPolicyViolated", "SECURITY_POLICY_VIOLATED", "vpcServiceControls": return .perimeter
        case "accountDisabled", "UserProjectAccountProblem", "BILLING_DISABLED": return .billing
        case "accessNotConfigured", "SERVICE_DISABLED": return .apiOff
        case "UserProjectMissing", "userProjectMissing": return .requesterPays
        case "retentionPolicyNotMet", "RetentionPolicyNotMet": return .retention
        default: break
        }
        if says("vpcservicecontrols", "prohibited by organization's policy") { return .perimeter }
        if says("billing account", "billing to be enabled") { return .billing }
        if says("requester pays") { return .requesterPays }
        if says("kms key") { return says("disabled", "destroyed") ? .keyOff : .keyDenied }
        if says("ip filter") { return .address }
        if says("retention policy", "object retention") { return .retention }
        if says("api has not been used", "it is disabled. enable it") { return .apiOff }
        return permission.map { .permission($0) }
    }

    /// `NAME does not have storage.objects.create access to …`.
    private var permission: String? {
        guard let end = message.firstRange(of: " access to ") else { return nil }
        let word = message[..<end.lowerBound].split(separator: " ").last.map(String.init) ?? ""
        return message.contains("does not have \(word) access") && word.contains(".") ? word : nil
    }

    /// The error for a person, for the causes that are the same for each of Google's APIs; nil for any other.
    ///
    /// - Parameters:
    ///   - what: What was refused, as the beginning of a sentence.
    ///   - account: Whose rights count.
    package func commonRefusal(_ what: String, account: String) -> MigrationError? {
        switch cause {
        case .somebodyElse:
            MigrationError(
                .unmetRequirement,
                "\(what): the response for \(host) did not come from Google's API (HTTP status \(status)"
                    + (said.isEmpty ? ")." : ", `\(said)`)."),
                next: "Allow \(host) in the proxy or firewall between this machine and Google, or bypass it with "
                    + "HTTPS_PROXY or NO_PROXY.")
        case .perimeter:
            MigrationError(
                .unmetRequirement,
                "\(what) was refused: VPC Service Controls block requests from outside the perimeter.",
                next: "Ask whoever manages the organization's service perimeter to allow \(account) from this "
                    + "machine's "
                    + "network (an ingress rule), or run the command inside the perimeter. They can find this request "
                    + "by the identifier above.", details: [message])
        case .billing:
            MigrationError(
                .unmetRequirement, "\(what) was refused: the project that owns it has no active billing account.",
                next: "Enable billing for that project again, then run the same command again.",
                details: [message])
        case .apiOff:
            MigrationError(
                .unmetRequirement, "\(what) was refused: the API is not enabled in the project.",
                next: "Enable it as Google says above, wait a few minutes, then run the same command again.",
                details: [message])
        default: nil
        }
    }
}
