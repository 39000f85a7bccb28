/// Reads the entries of a journal, and holds each against the one before it.
struct JournalReader: Sendable {
    let store: any ObjectStore

    /// An entry is a few hundred bytes; an error's text may be some thousand.
    private static let entryLimit = 1 << 20
    private static let atOnce = 8

    /// The object of an entry.
    static func name(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 6 - digits.count)) + digits + ".json"
    }

    static func hash(_ text: some Sequence<UInt8>) -> String {
        var checksum = StreamChecksum()
        Array(text).withUnsafeBytes { checksum.update($0) }
        return checksum.sha256 ?? ""
    }

    /// The entries that follow.
    ///
    /// - Parameters:
    ///   - count: How many are known.
    ///   - hash: The hash of the last of them.
    func entries(after count: Int, _ hash: String) async throws -> [(entry: JournalEntry, hash: String)] {
        let numbers = try await numbers().filter { $0 > count }
        guard numbers == Array((count + 1)..<(count + 1 + numbers.count)) else {
            throw damaged("entries are missing")
        }
        let texts = try await texts(numbers)
        var previous = hash
        return try zip(numbers, texts).map { number, text in
            let entry = try decoded(text, number)
            guard entry.number == number, entry.previous == previous else {
                throw damaged("entry \(number) does not follow the one before it")
            }
            previous = Self.hash(text)
            return (entry, previous)
        }
    }

    /// A bucket's folder is there once there is something in it; a folder of this machine is made with the first entry.
    private func numbers() async throws -> [Int] {
        if let folder = store as? DirectoryStore, FileIdentity(path: folder.path) == nil { return [] }
        return try await store.list().compactMap { name in
            guard name.hasSuffix(".json"), let number = Int(name.dropLast(5)), Self.name(number) == name else {
                return nil
            }
            return number
        }.sorted()
    }

    private func texts(_ numbers: [Int]) async throws -> [[UInt8]] {
        try await withThrowingTaskGroup(of: (Int, [UInt8]).self) { group in
            var found: [Int: [UInt8]] = [:]
            var rest = numbers[...]
            func readNext() {
                guard let number = rest.popFirst() else { return }
                group.addTask { (number, try await text(number)) }
            }
            for _ in 0..<Self.atOnce { readNext() }
            while let (number, text) = try await group.next() {
                found[number] = text
                readNext()
            }
            return numbers.compactMap { found[$0] }
        }
    }

    private func text(_ number: Int) async throws -> [UInt8] {
        do {
            return try await store.read(Self.name(number), limit: Self.entryLimit)
        } catch let error as MigrationError where error.code == .damagedSnapshot {
            throw damaged("entry \(number) cannot be read", details: [error.message])
        }
    }

    private func decoded(_ text: [UInt8], _ number: Int) throws -> JournalEntry {
        struct Header: Decodable { var format: Int }
        guard let header = try? JSONText.decode(Header.self, from: text) else {
            throw damaged("entry \(number) cannot be read")
        }
        guard header.format == JournalEntry.currentFormat else {
            throw MigrationError(
                .damagedSnapshot, "The journal in \(store.location) has format \(header.format).",
                next: "This version reads \(JournalEntry.currentFormat): use the version that wrote it.")
        }
        guard let entry = try? JSONText.decode(JournalEntry.self, from: text) else {
            throw damaged("entry \(number) cannot be read")
        }
        return entry
    }

    private func damaged(_ reason: String, details: [String] = []) -> MigrationError {
        MigrationError(
            .damagedSnapshot, "The journal in \(store.location) is damaged: \(reason).",
            next: "Find out who writes there. --journal uses another place; the import then starts from scratch.",
            details: details)
    }
}
