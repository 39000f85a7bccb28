import SystemPackage
import Testing

@testable import MigrationKit

@Suite struct BucketLocationTests {
    @Test(arguments: [
        ("./bucket", "./bucket"), ("/mnt/usb/b", "/mnt/usb/b"), ("a/b", "a/b"), (".", "."),
        ("file:///mnt/my%20disk", "/mnt/my disk"),
    ])
    func slashOrFileURLIsAFolder(value: String, path: String) throws {
        #expect(try BucketLocation(value) == .folder(FilePath(path)))
    }

    @Test(arguments: [
        ("bucket", "bucket", ""), ("gs://bucket", "bucket", ""), ("gs://bucket/", "bucket", ""),
        ("gs://bucket/customer/one", "bucket", "customer/one"),
    ])
    func bareNameOrGsURLIsAGoogleBucket(value: String, bucket: String, prefix: String) throws {
        let location = try BucketLocation(value)
        #expect(location == .googleCloudStorage(bucket: bucket, prefix: prefix))
        #expect(throws: MigrationError.self) { try location.store() }
    }

    @Test(arguments: ["", "s3://bucket", "file://host/path", "gs://"])
    func anythingElseIsAUsageError(value: String) {
        #expect { try BucketLocation(value) } throws: { ($0 as? MigrationError)?.code == .usage }
    }
}
