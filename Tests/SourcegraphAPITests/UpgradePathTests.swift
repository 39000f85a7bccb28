import Testing

@testable import MigrationKitBase
@testable import MigrationKitSourcegraphAPI

/// From what to what, what it takes, and where `upgrade` stops for which out-of-band migrations.
private struct Way: Sendable, CustomTestStringConvertible {
    let from: String
    let to: String
    let kind: UpgradePath.Kind
    let stops: String

    init(_ from: String, _ to: String, _ kind: UpgradePath.Kind, stops: String = "") {
        self.from = from
        self.to = to
        self.kind = kind
        self.stops = stops
    }

    var testDescription: String { "\(from) → \(to)" }
}

@Suite struct UpgradePathTests {
    private static let ways = [
        Way("3.37", "3.37", .none),
        Way("3.43.2", "3.43.2", .none),
        Way("4.1.2", "4.1.3", .none),
        Way("5.11.13", "5.11.6271", .none),
        Way("7.5", "7.5", .none),
        Way("v5.1.8", "5.1.8+build.7", .none),
        Way("3.36", "3.37", .standard),
        Way("3.41.1", "3.42.0", .standard),
        Way("3.43", "4.0", .standard),
        Way("3.43.2", "v4.0.1", .standard),
        Way("4.0", "4.1", .standard),
        Way("4.3.1", "4.4.2", .standard),
        Way("4.5", "5.0", .standard),
        Way("4.5.1", "5.0.6", .standard),
        Way("5.2.3+build", "5.3.0", .standard),
        Way("5.9.45", "5.10.3940", .standard),
        Way("5.11", "6.0", .standard),
        Way("6.12", "7.0", .standard),
        Way("7.4", "7.5", .standard),
        Way("3.39", "4.2", .multiVersion, stops: "3.43: 1 2 4 5 7 13 14 15 16"),
        Way("3.43", "4.1", .multiVersion, stops: "3.43: 1 2 4 5 7 13 14 15 16"),
        Way("3.42", "4.0", .multiVersion, stops: "3.43: 1 2 4 5 7 13 14 15 16"),
        Way("3.20", "4.0", .multiVersion, stops: "3.43: 1 2 4 5 7 13 14 15 16"),
        Way("3.20", "5.1.8", .multiVersion, stops: "3.43: 1 2 4 5 7 13 14 15 16; 4.3: 17 18; 4.5: 19 20"),
        Way(
            "3.20.1", "7.5", .multiVersion,
            stops: "3.43: 1 2 4 5 7 13 14 15 16; 4.3: 17 18; 4.5: 19 20; 5.2: 24"),
        Way("4.0", "4.3", .multiVersion),
        Way("4.0", "4.4", .multiVersion, stops: "4.3: 17 18"),
        Way("4.3", "4.5", .multiVersion, stops: "4.3: 17 18"),
        Way("4.4", "5.0", .multiVersion, stops: "4.5: 19 20"),
        Way("4.5", "5.1", .multiVersion, stops: "4.5: 19 20"),
        Way("5.0", "5.2", .multiVersion),
        Way("5.0", "5.3", .multiVersion, stops: "5.2: 24"),
        Way("5.2.7", "5.11.6271", .multiVersion, stops: "5.2: 24"),
        Way("5.3", "5.11", .multiVersion),
        Way("5.1.8", "7.2.1943", .multiVersion, stops: "5.2: 24"),
        Way("5.10", "6.0", .multiVersion),
        Way("5.11", "6.1", .multiVersion),
        Way("6.11", "7.0", .multiVersion),
        Way("v6.12.5040", "v7.1", .multiVersion),
    ]

    @Test(arguments: ways) private func wayIsFound(_ way: Way) throws {
        let path = try UpgradePath(from: way.from, to: way.to)
        #expect(path.kind == way.kind)
        let stops = path.stops.map { stop in
            "\(stop.minor.minorName): " + stop.migrations.map(String.init).joined(separator: " ")
        }
        #expect(stops.joined(separator: "; ") == way.stops)
        let names: [String] = way.kind == .multiVersion ? ["upgrade", "up", "validate"] : ["up", "validate"]
        #expect(path.commands.map(\.name) == names)
        #expect(path.commands.allSatisfy { $0.version == path.to })
    }

    @Test func versionsAreReadAsTheyAreWritten() throws {
        let path = try UpgradePath(from: "v3.20.1", to: "5.2.3+build")
        #expect(path.from == SourcegraphVersion(3, 20, 1))
        #expect(path.to == SourcegraphVersion(5, 2, 3))
        #expect(path.minors.first == SourcegraphVersion(3, 20))
        #expect(path.minors.last == SourcegraphVersion(5, 2))
    }

    @Test func allMinorsBetweenArePassed() throws {
        let path = try UpgradePath(from: "3.42.1", to: "4.2.0")
        #expect(path.minors.map(\.minorName) == ["3.42", "3.43", "4.0", "4.1", "4.2"])
    }

    @Test func everyPairOfMinorsHasAWayOrAReason() throws {
        let minors = SourcegraphReleases.minors
        for (first, from) in minors.enumerated() {
            for (last, to) in minors.enumerated() {
                // Images of 4.0 and later can go to any release with an image of its own.
                let migrator = to < .hasUpgrade ? "4.0.1" : nil
                let path = try? UpgradePath(from: "\(from)", to: "\(to)", migrator: migrator)
                #expect((path != nil) == (first <= last && to >= .hasMigrator), "\(from) to \(to)")
                guard let path else { continue }
                #expect(path.minors == Array(minors[first...last]))
                let kind: UpgradePath.Kind = last == first ? .none : last == first + 1 ? .standard : .multiVersion
                #expect(path.kind == kind)
                #expect(path.commands.suffix(2) == [.up(to), .validate(to)])
                #expect(path.commands.count == (kind == .multiVersion ? 3 : 2))
                #expect(path.stops.map(\.minor) == path.stops.map(\.minor).sorted())
                #expect(path.stops.allSatisfy { from <= $0.minor && $0.minor < to })
                #expect(kind != .multiVersion || path.stops.flatMap(\.migrations) == path.dueMigrations)
            }
        }
    }
}
