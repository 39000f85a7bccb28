import FakeGoogle
import NIOCore
import Testing

@testable import MigrationKitBase

/// A refusal of the store's names the cause that its answer establishes, and no other.
@Suite(.serialized, .timeLimit(.minutes(30))) struct StoreRefusalTests {
    struct Refusal: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var action: FaultAction
        var message: String
        var next: String

        init(
            _ name: String, _ status: Int, _ reason: String, _ code: String, _ words: String, says message: String,
            next: String
        ) {
            testDescription = name
            action = .refused(status, reason: reason, code: code, message: words)
            (self.message, self.next) = (message, next)
        }
    }

    static let refusals = [
        Refusal(
            "requester pays", 400, "required", "UserProjectMissing",
            "Bucket is a requester pays bucket but no user project provided.",
            says: "gs://bucket is a Requester Pays bucket, which Cloud SQL cannot import from either.",
            next: "gcloud storage buckets update gs://bucket --no-requester-pays"),
        Refusal(
            "billing", 403, "accountDisabled", "UserProjectAccountProblem",
            "The billing account for the owning project is disabled in state absent",
            says: "the project that owns it has no active billing account.",
            next: "Enable billing for that project again"),
        Refusal(
            "perimeter", 403, "forbidden", "SecurityPolicyViolated",
            "Request is prohibited by organization's policy. vpcServiceControlsUniqueIdentifier: Xa1b2c3.",
            says: "VPC Service Controls block requests", next: "perimeter to allow this key"),
        Refusal(
            "key that may not be used", 403, "forbidden", "AccessDenied",
            "Permission denied on Cloud KMS key. Please ensure that your Cloud Storage service account has been authorized "
                + "to use this key.",
            says: "a Cloud KMS key that Cloud Storage is not allowed to use.",
            next: "roles/cloudkms.cryptoKeyEncrypterDecrypter"),
        Refusal(
            "key that is off", 400, "invalid", "InvalidArgument",
            "The Cloud KMS key used to encrypt this object is disabled or destroyed.",
            says: "a Cloud KMS key that is disabled or destroyed.", next: "enable the key version"),
        Refusal(
            "address", 403, "forbidden", "AccessDenied",
            "There is an IP filtering condition that is preventing access to the resource.",
            says: "The IP filter of gs://bucket blocks this machine.", next: "IP filter"),
        Refusal(
            "retention", 403, "retentionPolicyNotMet", "AccessDenied",
            "Object 'b/a.sql' is subject to bucket's retention policy or object retention and cannot be deleted or "
                + "overwritten until 2027-01-01T00:00:00Z",
            says: "a.sql is already in gs://bucket, and the bucket's retention policy protects it.",
            next: "-bucket=gs://bucket/PREFIX"),
        Refusal(
            "missing role", 403, "forbidden", "AccessDenied",
            "w@acme.iam.gserviceaccount.com does not have storage.objects.create access to the Google Cloud Storage "
                + "object. Permission 'storage.objects.create' denied on resource (or it may not exist).",
            says: "this key is not allowed to create objects in gs://bucket.", next: "roles/storage.objectCreator"),
        Refusal(
            "another permission", 403, "forbidden", "AccessDenied",
            "w@acme.iam.gserviceaccount.com does not have storage.folders.create access to the Google Cloud Storage "
                + "folder.",
            says: "this key lacks the permission storage.folders.create on gs://bucket.", next: "Check --bucket"),
        Refusal(
            "something new", 403, "forbidden", "AccessDenied", "The moon is in the wrong house.",
            says: "gs://bucket refused a.sql: The moon is in the wrong house.", next: "Ask whoever owns the bucket"),
    ]

    @Test(arguments: refusals, [Payload.small, .threeParts])
    func causeIsTheOneThatWasEstablished(refusal: Refusal, payload: Payload) async throws {
        try await GoogleBucket.with { bucket in
            bucket.fake.fault(
                FaultRule(times: .max, refusal.action) { [.startSession, .startMultipart].contains($0.operation) })
            let error = try await bucket.refused(payload)
            #expect(error.code == .unmetRequirement)
            #expect(error.message.contains(refusal.message), "\(error)")
            #expect(error.next?.contains(refusal.next) == true, "\(error)")
            // A role is named only where one is missing.
            #expect(error.next?.contains("roles/storage") == (refusal.testDescription == "missing role"), "\(error)")
            guard case .refused(_, _, _, let words) = refusal.action else { return }
            #expect(([error.message] + error.details).joined(separator: " ").contains(words))
        }
    }

    @Test(arguments: [Payload.small, .threeParts])
    func pageOfAProxyIsNotTheStores(payload: Payload) async throws {
        let page = """
            <!DOCTYPE html><html><head><style>p { color: red }</style><script>if (1 < 2) {}</script></head>
            <body><p>Access to storage is <b>blocked</b> by your administrator</p></body></html>
            """
        try await GoogleBucket.with { bucket in
            bucket.fake.fault(
                FaultRule(times: .max, .page(403, page)) { [.startSession, .startMultipart].contains($0.operation) })
            let error = try await bucket.refused(payload)
            let expected =
                "a.sql in gs://bucket: the response for 127.0.0.1 did not come from Google's API (HTTP status 403, "
                + "`Access to storage is blocked by your administrator`)."
            #expect(error.message == expected)
            #expect(error.next?.contains("NO_PROXY") == true && error.next?.contains("roles/") == false)
            #expect(bucket.fake.requests.count == 1)
        }
    }
}
