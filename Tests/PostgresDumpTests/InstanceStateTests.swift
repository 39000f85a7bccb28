import DumpSamples
import TestSupport
import Testing

@testable import MigrationKitPostgresDump

/// What a dump tells of the state of its instance besides its schema: encrypted rows, and migrations of data.
@Suite struct InstanceStateTests {
    private static let accounts = SQLDumps.copy(
        "public.user_external_accounts (id, encryption_key_id, auth_data)", "1\t\tx", "2\tunmigrated\tx",
        "3\tprojects/p/key\tx", "4\t\\N\t", "5\tunmigrated2\tx")

    @Test func encryptedRowsAreCountedForAnyChunks() {
        let dump = Array(Self.accounts.utf8)
        for cut in 0...dump.count {
            let found = Rewritten(dump, .cloudSQL, .cut(cut)).contents.encryptedRows
            #expect(
                found == [EncryptedRows(table: TableName(schema: "public", name: "user_external_accounts"), rows: 2)])
        }
    }

    @Test func keyMayStandInTheLastColumn() {
        let rows = SQLDumps.copy("webhook_logs (id, encryption_key_id)", "1\t", "2\tunmigrated", "3\tkey")
        #expect(Rewritten(rows).contents.encryptedRows?.map(\.rows) == [1])
    }

    @Test func plainTablesHaveNone() {
        #expect(Rewritten(SQLDumps.copy("users (id, name)", "1\tkey")).contents.encryptedRows == [])
    }

    @Test func unfinishedMigrationsOfDataAreTold() {
        let rows = SQLDumps.copy(
            "out_of_band_migrations (id, component, progress, apply_reverse, introduced_version_major, "
                + "introduced_version_minor, deprecated_version_major, deprecated_version_minor)",
            "1\tdone\t1\tf\t3\t25\t4\t0", "20\tlsif\t0.5\tf\t4\t5\t4\t6", "21\tback\t1\tt\t5\t1\t\\N\t\\N",
            "x\tno number\t0\tf\t1\t0\t1\t0")
        let states = Rewritten(rows).contents.outOfBandMigrations
        #expect(states?.map(\.id) == [20, 21])
        #expect(states?.first?.introduced == "4.5" && states?.first?.deprecated == "4.6")
        #expect(states?.last?.appliesReverse == true && states?.last?.deprecated == nil)
    }

    @Test func releasesOfTheOldTableAreText() {
        let rows = SQLDumps.copy(
            "out_of_band_migrations (id, progress, introduced, deprecated)", "2\tNaN\t3.26.0\t4.0.0")
        let state = Rewritten(rows).contents.outOfBandMigrations?.first
        #expect(state?.deprecated == "4.0.0" && state?.progress == 0)
    }

    @Test func firstVersionIsTold() {
        let rows = SQLDumps.copy("versions (service, version, first_version)", "frontend\t5.1.8\t3.43.2")
        #expect(Rewritten(rows).contents.firstVersion == "3.43.2")
        #expect(Rewritten(rows).contents.outOfBandMigrations == nil)
    }
}
