/// The first of many lines, and how many there were: a look at a large instance takes no more room than one at a small
/// one, and nobody reads more.
struct FirstLines: Sendable {
    /// How many there were.
    private(set) var count = 0
    private var lines: [String] = []

    /// More lines than this nobody reads.
    static let limit = 20
    private static let length = 400

    var isEmpty: Bool { count == 0 }

    /// Counts a line, and keeps it if it is one of the first.
    mutating func append(_ line: @autoclosure () -> String) {
        count += 1
        if lines.count < Self.limit { lines.append(String(line().prefix(Self.length))) }
    }

    /// Those that were kept, each on one line of bounded length, and how many more there were.
    var text: [String] {
        lines.map(\.printable) + (count > lines.count ? ["… and \(count - lines.count) more"] : [])
    }
}

extension FirstLines {
    init(_ lines: some Sequence<String>) {
        self.init()
        for line in lines { append(line) }
    }
}
