/// The steps of a migration, in their order.
public enum MigrationStep: String, Sendable, Codable, CaseIterable, Comparable {
    /// Bucket and destination are looked at. Nothing is changed.
    case validate
    /// The instance is stopped, so that nothing else writes to its databases.
    case freeze
    /// The databases are backed up.
    case backup
    /// Databases are dropped and created again, empty.
    case reset
    /// Extensions are made.
    case extensions
    /// Dumps are loaded.
    case load
    /// What the server holds is compared with what was dumped.
    case prove
    /// Planner statistics are gathered.
    case analyze
    /// The instance's way to its databases is opened.
    case proxy
    /// The databases that the instance uses are proven to be the imported ones.
    case match
    /// A copy of the databases as they were imported, to which `mi-migrate restore` goes back.
    case restorePoint = "restore-point"
    /// The databases are brought to the instance's release.
    case upgrade
    /// The instance is started.
    case start
    /// The instance is made the operator's and the customer's.
    case initialize
    /// The instance's parts are looked at.
    case check
    /// The instance is held against the customer's summary.
    case test
    /// The notice that the customer's instance was given is taken down.
    case notice

    /// The step of that name; earlier versions spelled `initialize` with an s.
    public init?(rawValue name: String) {
        let name = name == "initialise" ? "initialize" : name
        guard let step = Self.allCases.first(where: { $0.rawValue == name }) else { return nil }
        self = step
    }

    /// Those of an import.
    public static let ofImport = allCases.filter { $0 <= .analyze && $0 != .freeze }

    /// Those without which nothing is proven; no other can stand in for them.
    public static let indispensable: [MigrationStep] = [.validate, .reset, .extensions, .load, .prove]

    /// Whether it has a part for each database at least.
    var isDoneToEachDatabase: Bool { [.reset, .load, .prove, .analyze].contains(self) }

    /// In their order.
    public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }
    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
