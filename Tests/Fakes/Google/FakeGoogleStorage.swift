import FakeServer
import Foundation
package import NIOCore
import NIOHTTP1
import Synchronization
package import TestSupport

/// Google Cloud Storage on this machine, as strict as the real one and stricter: it keeps account of what a client did
/// that a client must not do.
///
/// It speaks the JSON API's resumable uploads, reads and lists, the XML API's multipart uploads, and what hands out
/// tokens. What it is to do wrong is told by ``fault(_:)``.
package final class FakeGoogleStorage: Sendable {
    /// What an account may be allowed to do.
    package enum Permission: String, Sendable {
        case objectsCreate = "storage.objects.create"
        case objectsGet = "storage.objects.get"
        case objectsList = "storage.objects.list"
        case objectsDelete = "storage.objects.delete"
        case bucketsGet = "storage.buckets.get"
        case multipartCreate = "storage.multipartUploads.create"
        case multipartListParts = "storage.multipartUploads.listParts"
        case multipartAbort = "storage.multipartUploads.abort"
    }

    package struct Options: Sendable {
        /// What the customer's account has: `roles/storage.objectCreator`.
        package static let objectCreator: Set<Permission> = [
            .objectsCreate, .multipartCreate, .multipartListParts, .multipartAbort,
        ]
        /// What the operator's account has: `roles/storage.objectViewer`.
        package static let objectViewer: Set<Permission> = [.objectsGet, .objectsList]

        package var permissions = objectCreator
        /// Whether requests need a token that was handed out here. Sessions never do.
        package var requiresToken = false
        package var tokenLifetime = 3600
        package var account = "uploader@example-project.iam.gserviceaccount.com"
        /// Those that exist; nil: any.
        package var buckets: Set<String>?
        /// Of all parts but the last.
        package var minimumPartSize: Int64 = 5 << 20
        /// At most so many parts in one page of their list, and objects in one of theirs.
        package var pageSize = 1000
        /// Refuse `ifGenerationMatch=0` when the session is asked for already, not only at its end.
        package var checksGenerationAtStart = false
        /// Of the addresses that are handed out: `https` where something before the fake takes the TLS off.
        package var scheme = "http"
        /// Before each answer.
        package var latency: Duration = .zero
        /// Of each connection, in either direction.
        package var bytesPerSecond: Int64?

        // What the endpoints for tokens accept.
        package var clientID = "client.apps.googleusercontent.com"
        package var clientSecret = "client-secret"
        package var refreshToken = "1//refresh-token"
        package var subjectToken = "subject-token"

        package init(
            permissions: Set<Permission> = objectCreator, requiresToken: Bool = false, tokenLifetime: Int = 3600,
            account: String = "uploader@example-project.iam.gserviceaccount.com", buckets: Set<String>? = nil,
            minimumPartSize: Int64 = 5 << 20, pageSize: Int = 1000, checksGenerationAtStart: Bool = false,
            scheme: String = "http", latency: Duration = .zero, bytesPerSecond: Int64? = nil,
            clientID: String = "client.apps.googleusercontent.com", clientSecret: String = "client-secret",
            refreshToken: String = "1//refresh-token", subjectToken: String = "subject-token"
        ) {
            self.permissions = permissions
            self.requiresToken = requiresToken
            self.tokenLifetime = tokenLifetime
            self.account = account
            self.buckets = buckets
            self.minimumPartSize = minimumPartSize
            self.pageSize = pageSize
            self.checksGenerationAtStart = checksGenerationAtStart
            self.scheme = scheme
            self.latency = latency
            self.bytesPerSecond = bytesPerSecond
            self.clientID = clientID
            self.clientSecret = clientSecret
            self.refreshToken = refreshToken
            self.subjectToken = subjectToken
        }
    }

    package struct ObjectName: Hashable, Sendable {
        package var bucket: String
        package var name: String

        package init(bucket: String, name: String) {
            self.bucket = bucket
            self.name = name
        }
    }

    package struct StoredObject: Sendable {
        package var bytes: ByteBuffer
        package var crc32c: UInt32
        package var generation: Int64
        package var contentType: String?
        package var metadata: AnyJSON?
    }

    package struct State: Sendable {
        package var record = FakeRecord()
        package var rules: [FaultRule] = []
        package var stalls: [Int: CheckedContinuation<Void, Never>] = [:]
        package var objects: [ObjectName: StoredObject] = [:]
        package var sessions: [String: Session] = [:]
        package var uploads: [String: MultipartUpload] = [:]
        package var tokens: [String: Token] = [:]
        package var lastGeneration: Int64 = 1_760_000_000_000_000
    }

    package let options: Options
    package let state = Watched(State())
    private let server = Mutex<HTTPServer?>(nil)
    private let port = Atomic<Int>(0)

    /// `http://127.0.0.1:PORT`.
    package var endpoint: String { "http://\(authority)" }

    /// `127.0.0.1:PORT`, as `GCE_METADATA_HOST` wants it.
    package var authority: String { "127.0.0.1:\(port.load(ordering: .relaxed))" }

    package init(_ options: Options = Options()) async throws {
        self.options = options
        let server = try await HTTPServer { [weak self] connection in await self?.serve(connection) }
        port.store(server.port, ordering: .relaxed)
        self.server.withLock { $0 = server }
    }

    /// Closes all connections. The record and the objects stay.
    package func stop() async {
        await server.withLock { $0 }?.stop()
        releaseStalls()
    }

    /// Returns when all has been dealt with that clients have sent that have ended.
    package func waitUntilQuiet(file: String = #filePath, line: Int = #line) async throws {
        try await server.withLock { $0 }?.waitUntilQuiet(file: file, line: line)
    }

    /// A fake for as long as the body runs.
    package static func running<Value: Sendable>(
        _ options: Options = Options(), _ body: (FakeGoogleStorage) async throws -> Value
    ) async throws -> Value {
        let fake = try await FakeGoogleStorage(options)
        do {
            let value = try await body(fake)
            await fake.stop()
            return value
        } catch {
            await fake.stop()
            throw error
        }
    }

    // MARK: What is kept

    package func object(_ bucket: String, _ name: String) -> StoredObject? {
        change { $0.objects[ObjectName(bucket: bucket, name: name)] }
    }

    package func objectNames(in bucket: String) -> [String] {
        change { state in state.objects.keys.filter { $0.bucket == bucket }.map(\.name).sorted() }
    }

    /// Puts an object there without a request.
    @discardableResult
    package func add(_ bucket: String, _ name: String, _ bytes: ByteBuffer) -> StoredObject {
        let crc = FakeChecksum.of(bytes)
        return change { $0.store(bytes, crc, as: ObjectName(bucket: bucket, name: name)) }
    }

    package func remove(_ bucket: String, _ name: String) {
        change { $0.objects[ObjectName(bucket: bucket, name: name)] = nil }
    }

    /// Changes an object's bytes and leaves its checksum as it is.
    package func damage(_ bucket: String, _ name: String, at index: Int) {
        change { state in
            let name = ObjectName(bucket: bucket, name: name)
            guard let byte = state.objects[name]?.bytes.getInteger(at: index, as: UInt8.self) else { return }
            _ = state.objects[name]?.bytes.setInteger(~byte, at: index)
        }
    }

    /// Multipart uploads that were neither completed nor aborted: they would be billed for ever.
    package var openUploads: [String] { change { $0.uploads.keys.sorted() } }

    /// Sessions whose object has not come to be.
    package var openSessions: [String] { change { $0.sessions.filter { $0.value.isOpen }.keys.sorted() } }
}

extension FakeGoogleStorage.State {
    package mutating func store(
        _ bytes: ByteBuffer, _ crc: UInt32, as name: FakeGoogleStorage.ObjectName, type: String? = nil,
        metadata: AnyJSON? = nil
    ) -> FakeGoogleStorage.StoredObject {
        lastGeneration += 1017
        let object = FakeGoogleStorage.StoredObject(
            bytes: bytes, crc32c: crc, generation: lastGeneration, contentType: type, metadata: metadata)
        objects[name] = object
        return object
    }
}
