import Foundation
import Testing

@testable import MigrationKitGoogleCloud

/// What an instance tells of itself.
@Suite struct CloudSQLInstanceTests {
    @Test(
        arguments: [
            ("db-custom-4-15360", 4), ("db-perf-optimized-N-8", 8), ("db-n1-standard-16", 16), ("db-g1-small", nil),
            ("db-f1-micro", nil), ("db-custom", nil), ("db-custom-0-0", nil), ("db-n1--1", 1), ("", nil),
            ("db-custom-99999999999999999999-1", nil), (nil, nil),
        ] as [(String?, Int?)])
    func coresAreThoseOfTheTier(tier: String?, cores: Int?) throws {
        let settings = tier.map { #", "settings": {"tier": "\#($0)"}"# } ?? ""
        let json = #"{"name": "main", "state": "RUNNABLE", "databaseVersion": "POSTGRES_16"\#(settings)}"#
        let instance = try JSONDecoder().decode(CloudSQLInstance.self, from: Data(json.utf8))
        #expect(instance.cores == cores)
    }
}
