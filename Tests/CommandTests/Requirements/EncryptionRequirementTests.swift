import MigrationKit
import TestClusters
import Testing

/// Rows that the managed instance could not read.
@Suite(.inTurn) struct EncryptionRequirementTests {
    let place: RequirementsPlace

    init() async throws { place = try await RequirementsPlace() }

    @Test func encryptedRowsAreFoundWhateverTheirTableIsCalled() async throws {
        let found = try await place.check(
            BookkeepingSQL.all + #"""
                CREATE SCHEMA "it's; ""hers""";
                CREATE TABLE "it's; ""hers"""."DROP TABLE ""x""; --\" (encryption_key_id text);
                INSERT INTO "it's; ""hers"""."DROP TABLE ""x""; --\" VALUES ('{"name":"k"}'), (''), ('unmigrated'), (NULL);
                CREATE TABLE plain (encryption_key_id varchar(20)); INSERT INTO plain VALUES (''), ('unmigrated'), (NULL);
                CREATE TABLE zz (encryption_key_id text);
                INSERT INTO zz SELECT 'k' FROM generate_series(1, 2500);
                CREATE TABLE parts (encryption_key_id text) PARTITION BY LIST (encryption_key_id);
                CREATE TABLE part PARTITION OF parts DEFAULT; INSERT INTO parts VALUES ('k');
                CREATE TABLE was (id integer, encryption_key_id text); ALTER TABLE was DROP encryption_key_id;
                CREATE VIEW looks AS SELECT 'k'::text AS encryption_key_id;
                """#)
        #expect(found.failed == ["encryption"], "\(found)")
        let told = found["encryption"]
        #expect(told.count == 1)
        #expect(
            told.reason
                == #"Tables have encrypted rows: "it's; ""hers"""."DROP TABLE ""x""; --\" (1), "#
                + "public.parts (1), public.zz (1000 or more).")
        #expect(told.remedy.contains("ALLOW_DECRYPTION=true"))
    }

    @Test func moreTablesThanOneQueryTakesAreAllLookedAt() async throws {
        let tables = (0..<120).map { "CREATE TABLE t\($0) (encryption_key_id text);" }.joined()
        let found = try await place.check(tables + "INSERT INTO t99 VALUES ('k')")
        #expect(found["encryption"].map(\.reason) == ["Tables have encrypted rows: public.t99 (1)."], "\(found)")
        let none = try await place.check(tables)
        #expect(none["encryption"].map(\.reason) == ["No encrypted rows (120 tables checked)."])
    }

    /// As `--stall-timeout` may say it.
    @Test(arguments: [Duration.seconds(2_147_484), .seconds(Int64.max)])
    func patienceMayBeLongerThanTheServerCanHaveIt(patience: Duration) async throws {
        try await place.with("CREATE TABLE t (encryption_key_id text)") { name in
            let target = place.dumper(name).command.target
            let patient = PgDump(.primary, transport: .pgDump, target: target, stallLimit: patience)
            let found = try await DatabaseRequirements(patient).check()
            #expect(found["encryption"].map(\.verdict) == [.pass], "\(found)")
        }
    }

    @Test func lockedTableIsToldAndDoesNotHoldUs() async throws {
        try await place.with("CREATE TABLE t (encryption_key_id text)") { name in
            let dumper = place.dumper(name)
            let impatient = PgDump(
                .primary, transport: .pgDump, target: dumper.command.target, stallLimit: .seconds(20))
            let found = try await place.postgres.source.holding("LOCK TABLE t", in: name) {
                try await DatabaseRequirements(impatient).check()
            }
            #expect(found.failed == ["encryption"], "\(found)")
            #expect(found["encryption"].reason.hasPrefix("Looking for encrypted rows of primary failed"))
            #expect(found.map(\.name).last == "contents")
        }
    }
}
