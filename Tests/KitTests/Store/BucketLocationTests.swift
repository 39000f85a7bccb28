import SystemPackage
import Testing

@testable import MigrationKit
@testable import MigrationKitBase

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
        #expect(try BucketLocation(value) == .googleCloudStorage(bucket: bucket, prefix: prefix))
    }

    @Test(arguments: [
        "", "s3://bucket", "file://host/path", "gs://", "gs:///prefix", "gs://Bucket", "BUCKET", "gs://bucket//a",
        "gs://bucket/../other", "gs://bucket/a/./b", "gs://bucket/a\nb", "bucket?alt=media", "b", "bücket",
        String(repeating: "b", count: 223),
    ])
    func anythingElseIsAUsageError(value: String) {
        #expect { try BucketLocation(value) } throws: { ($0 as? MigrationError)?.code == .usage }
    }
}
