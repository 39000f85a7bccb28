/// The store no longer knows an upload that was begun: it has to be sent anew.
struct UploadGone: Error {
    /// For whoever cannot send it anew, or has done so in vain.
    static func error(_ name: String, _ location: String) -> MigrationError {
        MigrationError(
            .failed, "\(location) drops what it is sent of \(name).",
            next: "Run the same command again; if it goes on, ask whoever owns the bucket.")
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

    private func meaning(of error: GoogleAPIError, _ name: String) -> MigrationError {
        if error.saysObjectIsThere {
            return MigrationError(
                .unmetRequirement, "\(name) is in \(location) already, and \(client.account) may not replace it.",
                next: "Ask for it to be removed, then run the same command again: what was sent counts. "
                    + "Or upload under a prefix: -bucket=gs://\(bucket)/PREFIX.",
                details: [error.message]
            )
        }
        switch error.status {
        case 401:
            return MigrationError(
                .unmetRequirement, "\(location) does not take the token of \(client.account).",
                next: "Check -credentials, and that the clock of this machine is right.", details: [error.message])
        case 403 where ["storage.objects.get", "storage.objects.list"].contains(where: error.message.contains):
            return MigrationError(
                .unmetRequirement, "\(client.account) may not read \(location).",
                next: "Reading needs the role roles/storage.objectViewer on the bucket: name a key that has it with "
                    + "-credentials.", details: [error.message])
        case 403:
            return MigrationError(
                .unmetRequirement, "\(client.account) may not do this in \(location).",
                next:
                    "Uploads need the role roles/storage.objectCreator on the bucket, reading roles/storage.objectViewer.",
                details: [error.message])
        case 404:
            return MigrationError(
                .unmetRequirement, "There is no bucket \(bucket).", next: "Check -bucket.", details: [error.message])
        default:
            return error.error(
                "\(name) in \(location)", next: "Run the same command again; if that does not help, ask.")
        }
    }

    /// A list that begins again and again, of which nobody can say that it is all there.
    func endlessList(_ what: String) -> MigrationError {
        MigrationError(
            .failed, "\(location) lists \(what) without end.",
            next: "Run the same command again; if that does not help, ask.")
    }
}

extension GoogleAPIError {
    /// Whether what is missing is the right to use multipart uploads, and not the right to create objects at all.
    var isMultipartRefusal: Bool { status == 403 && !message.contains("storage.objects.create") }

    /// Whether there is an object of that name, which is not to be replaced, or could be only with one more right.
    var saysObjectIsThere: Bool { status == 412 || message.contains("storage.objects.delete") }
}

/// What kind of object a name stands for.
enum ObjectType {
    static func of(_ name: String) -> String {
        // Never a Content-Encoding: the store would unpack on reading, and the checksums would be of something else.
        if name.hasSuffix(".gz") { return "application/gzip" }
        return name.hasSuffix(".json") ? "application/json" : "application/sql"
    }
}
