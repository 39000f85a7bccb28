/// The store no longer knows an upload that was begun: it has to be sent again.
struct UploadGone: Error {
    /// For whoever cannot send it again, or has done so in vain.
    static func error(_ name: String, _ location: String) -> MigrationError {
        MigrationError(
            .failed, "\(location) does not keep the uploaded parts of \(name).",
            next: "Run the same command again; if that does not help, ask whoever owns the bucket.")
    }
}

/// The key may not use multipart uploads at all.
struct MultipartRefused: Error {}

extension GoogleCloudStorage {
    /// Tries a request again while that may help, and says what the store's refusal means.
    func attempt<Value: Sendable>(
        _ what: String, _ name: String, _ retry: Retry, _ body: () async throws -> Value
    ) async throws -> Value {
        do {
            let value = try await retry(what, body)
            retry.madeProgress()
            return value
        } catch let error as GoogleAPIError {
            if error.reason == "NoSuchUpload" { throw UploadGone() }
            throw meaning(of: error, name)
        }
    }

    /// What was established comes first; where nothing was, the store's own words do.
    private func meaning(of error: GoogleAPIError, _ name: String) -> MigrationError {
        if let common = error.commonRefusal("\(name) in \(location)", account: client.account) { return common }
        if error.saysObjectIsThere { return objectIsThere(name, error) }
        func refused(_ message: String, next: String) -> MigrationError {
            MigrationError(.unmetRequirement, message, next: next, details: [error.message])
        }
        switch error.cause {
        case .requesterPays:
            return refused(
                "\(location) is a Requester Pays bucket, which Cloud SQL cannot import from either.",
                next: "Ask whoever owns it to run: gcloud storage buckets update \("gs://\(bucket)".shellQuoted) "
                    + "--no-requester-pays")
        case .keyDenied:
            return refused(
                "\(location) is encrypted with a Cloud KMS key that Cloud Storage is not allowed to use.",
                next: "Ask whoever owns the key to grant the project's Cloud Storage service agent "
                    + "roles/cloudkms.cryptoKeyEncrypterDecrypter on it.")
        case .keyOff:
            return refused(
                "\(location) is encrypted with a Cloud KMS key that is disabled or destroyed.",
                next: "Ask whoever owns the bucket to enable the key version, or to set another default key on the "
                    + "bucket."
            )
        case .address:
            return refused(
                "The IP filter of gs://\(bucket) blocks this machine.",
                next: "Add this machine's public IP address to the bucket's IP filter, or run the command in a network "
                    + "that it allows.")
        case .permission(let permission): return denied(permission, error)
        default: break
        }
        switch error.status {
        case 401:
            return refused(
                "\(location) rejected the access token of \(client.account).",
                next: "Check --credentials, and that the clock of this machine is right.")
        case 403:
            return MigrationError(
                .unmetRequirement, "\(location) refused \(name): \(error.message)",
                next: "Ask whoever owns the bucket, and quote the store's message above.",
                details: ["HTTP status 403, \(error.reason)"])
        case 404: return refused("There is no bucket \(bucket).", next: "Check --bucket.")
        default:
            return error.error(
                "\(name) in \(location)",
                next: "Run the same command again; if that does not help, ask whoever owns the bucket.")
        }
    }

    private func objectIsThere(_ name: String, _ error: GoogleAPIError) -> MigrationError {
        let elsewhere = "upload under a prefix: --bucket=gs://\(bucket)/PREFIX."
        guard error.cause != .retention else {
            return MigrationError(
                .unmetRequirement, "\(name) is already in \(location), and the bucket's retention policy protects it.",
                next: "Nobody can remove it before the time above. Instead, \(elsewhere)", details: [error.message])
        }
        return MigrationError(
            .unmetRequirement, "\(name) is already in \(location), and \(client.account) is not allowed to replace it.",
            next: "Ask for it to be removed, then run the same command again: what was sent is not sent again. Or "
                + "\(elsewhere)",
            details: [error.message])
    }

    /// Google says the same of a bucket that is not there.
    private func denied(_ permission: String, _ error: GoogleAPIError) -> MigrationError {
        let roles = [
            "storage.objects.create": ("create objects in", "roles/storage.objectCreator"),
            "storage.objects.get": ("read", "roles/storage.objectViewer"),
            "storage.objects.list": ("read", "roles/storage.objectViewer"),
        ]
        guard let (deed, role) = roles[permission] else {
            return MigrationError(
                .unmetRequirement, "\(client.account) lacks the permission \(permission) on \(location).",
                next: "Check --bucket, and ask whoever owns the bucket to grant a role with that permission.",
                details: [error.message])
        }
        return MigrationError(
            .unmetRequirement, "\(client.account) is not allowed to \(deed) \(location).",
            next:
                "Check --bucket. This requires the role \(role) on the bucket: ask for it to be granted, or use a key that "
                + "has it with --credentials.", details: [error.message])
    }

    /// A list that begins again and again, of which nobody can say that it is all there.
    func endlessList(_ what: String) -> MigrationError {
        MigrationError(
            .failed, "\(location) returned an endless list of \(what).",
            next: "Run the same command again; if that does not help, ask whoever owns the bucket.")
    }
}

extension GoogleAPIError {
    /// Whether what is missing may be the right to use multipart uploads, and nothing that would stop any upload.
    var isMultipartRefusal: Bool {
        guard status == 403 else { return false }
        guard case .permission(let name)? = cause else { return cause == nil }
        return name != "storage.objects.create"
    }

    /// Whether there is an object of that name, which is not to be replaced, or could be only with one more right.
    var saysObjectIsThere: Bool {
        status == 412 || cause == .retention || cause == .permission("storage.objects.delete")
            || message.contains("storage.objects.delete")
    }
}

/// What kind of object a name stands for.
enum ObjectType {
    static func of(_ name: String) -> String {
        // Never a Content-Encoding: the store would unpack on reading, and the checksums would be of something else.
        if name.hasSuffix(".gz") { return "application/gzip" }
        return name.hasSuffix(".json") ? "application/json" : "application/sql"
    }
}
