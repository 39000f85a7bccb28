import FakeGoogle
import MigrationKit
import TestClusters
import Testing

@testable import MigrationKitBase
@testable import MigrationKitCommandSupport
@testable import src_snapshot

/// Arguments of an upload to a Google bucket that cannot be used.
@Suite(.inTurn) struct CommandArgumentTests {
    static let wrong = [
        ("--max-rate=nonsense", "50MB/s"), ("--max-rate=0", "50MB/s"), ("--max-rate=50", "50MB/s"),
        ("--part-size=4MiB", "5MiB to 5GiB"), ("--max-rate=50Mb", "200Mbit/s"),
        ("--part-size=1", "--part-size must be 5MiB to 5GiB."), ("--part-size=x", "--part-size"),
        ("--parallel=0", "--parallel must be 1 to 64."), ("--parallel=65", "--parallel must be 1 to 64."),
        ("--retry-for=-1", "Write a number and a unit, such as 90s, 15m or 1h30m."),
        ("-bucket=", "Missing value for '--bucket"),
        ("-bucket=UPPER", "`UPPER` is not a valid bucket name."), ("-bucket=gs://", "`` is not a valid bucket name."),
        ("-bucket=gs://Bucket/x", "Write a Google bucket as gs://name or name"),
        ("-bucket=gs://bucket/../x", "`../x` is not a valid prefix."),
        ("-bucket=b", "`b` is not a valid bucket name."),
        ("-bucket=s3://bucket", "`s3://bucket` is not supported.\nUse gs://BUCKET or a folder such as ./bucket."),
        ("-credentials=", "Missing value for '--credentials"),
        ("--profile=other", "cloud-sql"), ("--split=15MiB", "--split must be 16MiB or more."),
        ("--split=1G", "1GiB"), ("--split=50MB/s", "1GiB"), ("--split=-1GiB", "1GiB"),
    ]

    /// Arguments as they are read, and then as the command turns them into a store, which asks nobody.
    private func refusal(_ option: String) throws -> Workplace.Finished {
        let bucket = option.hasPrefix("-bucket=") ? [] : ["-bucket=bucket"]
        let arguments = ["upload"] + bucket + ["-credentials=key.json", "-file=primary.sql", "--partial", option]
        switch Program.snapshot.read(arguments) {
        case .finished(let refused): return refused
        case .command(let command):
            let upload = try #require(command as? Upload)
            let error = try #require(throws: MigrationError.self) {
                _ = try upload.bucket.store(Console(), upload.transfer.options)
            }
            return Program.snapshot.reply(to: error)
        }
    }

    @Test(arguments: wrong)
    func wrongValueIsToldWithARightOne(option: String, words: String) throws {
        let refused = try refusal(option)
        #expect(refused.exit == 2 && refused.output == "")
        #expect(refused.errors.hasPrefix("error: "), "\(refused.errors)")
        #expect(refused.errors.contains(words), "\(refused.errors)")
    }

    /// One that is refused where it is read, and one behind that.
    @Test(arguments: ["--max-rate=0", "-bucket=UPPER"])
    func wrongValueIsRefusedBeforeAnythingIsDone(option: String) async throws {
        try await CommandPlace.with([.primary: .small]) { place in
            let refused = try await place.uploadPrimary(option)
            let read = try refusal(option)
            #expect(refused.exit == 2 && refused.output == "")
            #expect(refused.errors == read.errors)
            #expect(place.fake.requests.isEmpty && !place.folder.exists("src-snapshot/.upload"))
        }
    }

    @Test func helpShowsHowABucketIsUsed() throws {
        let help = try Program.snapshot.reply("upload", "--help")
        #expect(help.exit == 0)
        for words in [
            "src-snapshot upload --bucket=$BUCKET --credentials=$CREDENTIALS_FILE", "gs://bucket/prefix", "--gzip",
            "--max-rate=50MB/s", "roles/storage.objectCreator", "--start-over", "--part-size <size>",
        ] { #expect(help.output.contains(words), "\(help.output)") }
    }

    static let endpoints = [
        ("http://storage.example.com", "Tokens are only sent over https"),
        ("storage.example.com", "write https://host"),
    ]

    @Test(arguments: endpoints)
    func tokensAreNotSentInTheClear(endpoint: String, words: String) async throws {
        try await CommandPlace.with([.primary: .small]) { place in
            let refused = try await place.upload(
                "-file=primary.sql", environment: ["CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE": endpoint])
            #expect(refused.exit == 2)
            #expect(refused.errors.contains(words), "\(refused.errors)")
            #expect(place.fake.requests.isEmpty)
        }
    }
}
