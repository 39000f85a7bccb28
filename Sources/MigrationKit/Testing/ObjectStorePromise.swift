public import MigrationKit
import NIOCore

/// One thing that every `ObjectStore` owes, and how to see that a store does it.
///
/// A program checks a store of its own by ``all``, and by ``ofJournals`` if it is to hold a journal, each with a store
/// that is empty. It needs no particular library for tests:
///
/// ```swift
/// for promise in ObjectStorePromise.all { try await promise.check(MyStore()) }
/// ```
public struct ObjectStorePromise: Promise {
    /// The promise in a few words, such as `gives back what was put`.
    public let description: String
    private let body: @Sendable (any ObjectStore) async throws -> Void

    fileprivate init(_ description: String, _ body: @escaping @Sendable (any ObjectStore) async throws -> Void) {
        self.description = description
        self.body = body
    }

    /// Checks that a store keeps the promise.
    ///
    /// - Parameter store: An empty one, which is full of odds and ends afterwards.
    /// - Throws: ``BrokenPromise``, or what the store throws where it should not.
    public func check(_ store: any ObjectStore) async throws { try await body(store) }

    /// What is owed by each store.
    public static let all = contents + names + wholes
}

extension ObjectStorePromise {
    /// Throws unless the store holds these objects and no others.
    package static func require(_ objects: [String: String], in store: any ObjectStore) async throws {
        let names = try await store.list().sorted()
        try require(names == objects.keys.sorted(), "The store lists \(names), not \(objects.keys.sorted()).")
        for (name, content) in objects {
            let text = try await text(of: store.get(name))
            try require(text == content, "\(name) is not what was put: \(text.utf8.count) bytes.")
            let size = try await store.status(of: name)?.size
            try require(size == Int64(content.utf8.count), "The status of \(name) tells the size \(size ?? -1).")
        }
    }

    /// A stream of these chunks that ends, or throws.
    package static func stream(
        _ chunks: [String], thenThrows error: (any Error)? = nil,
        beforeEnd: @escaping @Sendable () async throws -> Void = {}
    ) -> ByteStream {
        let (rest, continuation) = AsyncStream.makeStream(of: String.self)
        for chunk in chunks { continuation.yield(chunk) }
        continuation.finish()
        return ByteStream {
            for await chunk in rest { return ByteBuffer(string: chunk) }
            try await beforeEnd()
            if let error { throw error }
            return nil
        }
    }
}

// MARK: What was put comes back

extension ObjectStorePromise {
    fileprivate static let contents: [ObjectStorePromise] = [
        ObjectStorePromise("gives back what was put") { store in
            let long = String(repeating: "0123456789abcdef", count: 100_000)
            let chunks = [
                "a.sql": ["one"], "b.sql": ["1", "", "2"], "empty": [], "long": [long, long, "\0\n\u{FF}"],
                "large": Array(repeating: long, count: 8) + ["the end"],
            ]
            for (name, chunks) in chunks { try await store.put(name, stream(chunks)) }
            try await require(chunks.mapValues { $0.joined() }, in: store)
        },
        ObjectStorePromise("tells size and checksum of what was put") { store in
            // The check value of CRC32C.
            let digits = try await store.put("digits", stream(["1234", "56789"]))
            try require(digits == ObjectStatus(size: 9, crc32c: 0xE306_9283), "put has returned \(digits).")
            let nothing = try await store.put("nothing", stream([]))
            try require(nothing == ObjectStatus(size: 0, crc32c: 0), "put has returned \(nothing).")
        },
        ObjectStorePromise("gives ranges of what was put") { store in
            try await store.put("digits", stream(["012", "34567", "89"]))
            for (range, expected) in [(0..<3, "012"), (4..<10, "456789"), (8..<99, "89"), (10..<20, ""), (5..<5, "")] {
                let wanted = Int64(range.lowerBound)..<Int64(range.upperBound)
                let text = try await text(of: store.get("digits", range: wanted))
                try require(text == expected, "The range \(range) is `\(text)`.")
            }
            try await requireThrow("A range of what is not there") { _ = try await store.get("none", range: 0..<1) }
        },
        ObjectStorePromise("replaces an object, or is written once") { store in
            try await store.put("a.sql", stream(["older and longer"]))
            guard store.isWriteOnce else {
                try await store.put("a.sql", stream(["newer"]))
                return try await require(["a.sql": "newer"], in: store)
            }
            try await requireThrow("Another object of that name") { try await store.put("a.sql", stream(["newer"])) }
            try await require(["a.sql": "older and longer"], in: store)
        },
        ObjectStorePromise("knows what is not there") { store in
            try await store.put("a.sql", stream(["x"]))
            let status = try await store.status(of: "b.sql")
            try require(status == nil, "There is a status of what is not there.")
            let error = try await requireThrow("Reading what is not there") {
                _ = try await text(of: store.get("b.sql"))
            }
            try require((error as? MigrationError)?.code == .damagedSnapshot, "Nobody expects this error: \(error)")
        },
    ]

    fileprivate static let names: [ObjectStorePromise] =
        ["", ".", "..", "../x", "a/b", "/etc/passwd", "/", "a/", "./a", ".hidden", ".part", "a\0b", "../bucket/a"]
        .map { name in
            ObjectStorePromise("refuses the name \(name.debugDescription)") { store in
                try await store.put("a", stream(["x"]))
                try await requireThrow("put") { try await store.put(name, stream(["y"])) }
                try await requireThrow("get") { _ = try await store.get(name) }
                try await requireThrow("status") { _ = try await store.status(of: name) }
                try await require(["a": "x"], in: store)
            }
        }
}

// MARK: A put is whole or not at all

extension ObjectStorePromise {
    private struct Torn: Error {}

    fileprivate static let wholes: [ObjectStorePromise] = [
        ObjectStorePromise("keeps nothing of a stream that throws") { store in
            try await store.put("other", stream(["x"]))
            for count in [0, 1, 3] {
                let chunks = Array(repeating: "chunk", count: count)
                let error = try await requireThrow("A put whose stream throws") {
                    try await store.put("a.sql", stream(chunks, thenThrows: Torn()))
                }
                try require(error is Torn, "What the stream throws is not what put throws: \(error)")
                try await require(["other": "x"], in: store)
                let status = try await store.status(of: "a.sql")
                try require(status == nil, "There is a status of what was torn.")
            }
        },
        ObjectStorePromise("keeps an older object when a stream throws") { store in
            try await store.put("a.sql", stream(["older"]))
            try await requireThrow("A put whose stream throws") {
                try await store.put("a.sql", stream(["newer", "newer"], thenThrows: Torn()))
            }
            try await require(["a.sql": "older"], in: store)
        },
        ObjectStorePromise("keeps nothing of a put that is cancelled") { store in
            try await store.put("a.sql", stream(["older"]))
            let (reached, continuation) = AsyncStream.makeStream(of: Void.self)
            let put = Task {
                try await store.put(
                    "b.sql",
                    stream(["newer"]) {
                        continuation.yield()
                        try await Task.sleep(for: .seconds(600))
                    })
            }
            for await _ in reached { break }
            put.cancel()
            try await requireThrow("A put that is cancelled") { _ = try await put.value }
            try await require(["a.sql": "older"], in: store)
        },
        ObjectStorePromise("shows nothing before the end of a stream") { store in
            try await store.put("older", stream(["older"]))
            for name in store.isWriteOnce ? ["new"] : ["new", "older"] {
                try await store.put(
                    name,
                    stream(["newer", "newer"]) {
                        let others = name == "new" ? [:] : ["new": "newernewer"]
                        try await require(others.merging(["older": "older"]) { $1 }, in: store)
                    })
            }
            let older = store.isWriteOnce ? "older" : "newernewer"
            try await require(["new": "newernewer", "older": older], in: store)
        },
    ]
}

// MARK: Journals

extension ObjectStorePromise {
    /// What is owed besides by a store that holds a journal.
    public static let ofJournals: [ObjectStorePromise] = [
        ObjectStorePromise("lets one of several creators win") { bucket in
            let store = try bucket.folder("one").folder("two")
            for round in 1...5 {
                let winners = try await withThrowingTaskGroup(of: String?.self, returning: [String].self) { group in
                    for number in 1...8 {
                        let text = "\(round) \(number)"
                        group.addTask { try await store.create("\(round)", ByteBuffer(string: text)) ? text : nil }
                    }
                    return try await group.reduce(into: []) { if let text = $1 { $0.append(text) } }
                }
                let there = try await text(of: store.get("\(round)"))
                try require(winners == [there], "\(winners) were told that they have created `\(there)`.")
            }
            let names = try await store.list().sorted()
            try require(names == ["1", "2", "3", "4", "5"], "The store lists \(names).")
        },
        ObjectStorePromise("creates the same bytes again and no others") { store in
            for _ in 1...2 {
                let isThere = try await store.create("a", ByteBuffer(string: "first"))
                try require(isThere, "The same bytes are refused.")
            }
            for other in ["second", "firs", "first ", ""] {
                let isThere = try await store.create("a", ByteBuffer(string: other))
                try require(!isThere, "`\(other)` counts as what was created before it.")
            }
            let isThere = try await store.create("empty", ByteBuffer())
            try require(isThere, "An empty object is refused.")
            try await require(["a": "first", "empty": ""], in: store)
        },
        ObjectStorePromise("keeps a folder apart from its bucket") { store in
            let inner = try store.folder("folder")
            for (place, content) in [(inner, "inner"), (store, "outer")] {
                let isThere = try await place.create("a", ByteBuffer(string: content))
                try require(isThere, "The \(content) object is refused.")
            }
            try await require(["a": "outer"], in: store)
            try await require(["a": "inner"], in: inner)
            for name in ["", "..", "a/b", ".hidden", "a\0"] {
                try await requireThrow("folder") { _ = try store.folder(name) }
                try await requireThrow("create") { _ = try await store.create(name, ByteBuffer(string: "x")) }
            }
        },
    ]
}
