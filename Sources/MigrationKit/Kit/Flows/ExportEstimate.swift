/// What an export would do, and how long it would take, by what the servers and the bucket did for a second.
package struct ExportEstimate: Sendable, Encodable {
    /// The databases.
    package var databases: [Estimated]
    /// Bytes a second that the bucket has taken.
    package var bucketBytesPerSecond: Double
    /// How long the export may take, in seconds; nil: too little could be measured.
    package var seconds: Double?

    /// One database.
    package struct Estimated: Sendable, Encodable {
        /// Which.
        package var database: Database
        /// Major version of its server.
        package var serverMajor: Int
        /// About how many bytes its dump has.
        package var bytes: Int64
        /// How many objects it becomes.
        package var objects: Int
        /// How many connections read its rows.
        package var connections: Int
        /// Bytes a second that these have read together; nil: its tables are too small to tell.
        package var bytesPerSecond: Double?
    }

    init(databases: [Estimated], bucketBytesPerSecond: Double) {
        self.databases = databases
        self.bucketBytesPerSecond = bucketBytesPerSecond
        seconds = nil
        guard databases.contains(where: { $0.bytesPerSecond != nil }), bucketBytesPerSecond > 0 else { return }
        seconds = max(readingSeconds, sendingSeconds)
    }

    /// Servers that are read side by side on the same machine share it: as if one was read after the other.
    private var readingSeconds: Double {
        databases.reduce(0) { $0 + ($1.bytesPerSecond.map { [bytes = $1.bytes] in Double(bytes) / $0 } ?? 0) }
    }

    private var sendingSeconds: Double {
        Double(Quantity.sum64(databases.map(\.bytes))) / max(bucketBytesPerSecond, 1)
    }

    /// How long it takes, and what is waited for, as a sentence.
    package var sentence: String {
        let rate = "The bucket takes \(Quantity.bytes(Int64(bucketBytesPerSecond)))/s."
        guard let seconds else { return "\(rate) The databases are too small to tell how long it takes: not long." }
        let slower =
            sendingSeconds > readingSeconds
            ? "the way to the bucket is what is waited for; --gzip may help" : "the databases are what is waited for"
        return "\(rate) The export may take \(Quantity.duration(.seconds(seconds))): \(slower)."
    }
}
