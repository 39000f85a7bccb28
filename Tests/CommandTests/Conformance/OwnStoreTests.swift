import MigrationKit
import MigrationKitTesting
import NIOCore
import Synchronization
import Testing

/// An ``ObjectStore`` that the library knows nothing of, made of what it shows to everybody.
@Suite(.timeLimit(.minutes(5))) struct OwnStoreTests {
    /// A bucket in memory, with nothing but what has no default.
    final class MemoryStore: ObjectStore {
        /// Something that a store must not do.
        enum Fault: CaseIterable { case losesAByte, keepsTornObjects, takesAnyName, lies }

        let fault: Fault?
        private let objects = Mutex<[String: ByteBuffer]>([:])

        init(_ fault: Fault? = nil) { self.fault = fault }

        var location: String { "memory" }

        func put(_ name: String, _ upload: ObjectUpload) async throws -> ObjectStatus {
            if fault != .takesAnyName { try ObjectName.check(name) }
            var bytes = ByteBuffer()
            var crc = CRC32C()
            for try await chunk in upload.stream {
                bytes.writeImmutableBuffer(chunk)
                chunk.withUnsafeReadableBytes { crc.update($0) }
                if fault == .keepsTornObjects { keep(bytes, as: name) }
            }
            let size = Int64(bytes.readableBytes)
            if fault == .losesAByte { _ = bytes.readSlice(length: min(1, bytes.readableBytes)) }
            keep(bytes, as: name)
            return ObjectStatus(size: size, crc32c: fault == .lies ? 0 : crc.value)
        }

        private func keep(_ bytes: ByteBuffer, as name: String) { objects.withLock { $0[name] = bytes } }

        func get(_ name: String) async throws -> ByteStream {
            try ObjectName.check(name)
            guard let bytes = objects.withLock({ $0[name] }) else {
                throw MigrationError.missingObject(name, in: location)
            }
            return .once(bytes)
        }

        func status(of name: String) async throws -> ObjectStatus? {
            try ObjectName.check(name)
            return objects.withLock { $0[name] }.map { ObjectStatus(size: Int64($0.readableBytes), crc32c: nil) }
        }

        func list() async throws -> [String] { objects.withLock { Array($0.keys) } }
    }

    @Test(arguments: ObjectStorePromise.all)
    func promiseIsKept(promise: ObjectStorePromise) async throws { try await promise.check(MemoryStore()) }

    @Test(arguments: MemoryStore.Fault.allCases)
    func brokenPromiseIsFound(fault: MemoryStore.Fault) async {
        var broken: [String] = []
        for promise in ObjectStorePromise.all {
            do { try await promise.check(MemoryStore(fault)) } catch is BrokenPromise {
                broken.append(promise.description)
            } catch {
                Issue.record(error)
            }
        }
        #expect(!broken.isEmpty)
    }

    @Test func storeWithoutFoldersHoldsNoJournal() async throws {
        let store = MemoryStore()
        for attempt in [
            { _ = try store.folder("mi-migrate") }, { _ = try await store.create("a", ByteBuffer()) },
        ] as [() async throws -> Void] {
            let error = try await #require(throws: MigrationError.self) { try await attempt() }
            #expect(error.code == .usage && error.message == "memory cannot hold a journal.")
        }
    }
}
