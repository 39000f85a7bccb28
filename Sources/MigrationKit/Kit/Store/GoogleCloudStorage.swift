public import MigrationKitFoundation
public import NIOCore
internal import NIOHTTP1

/// A bucket of Google Cloud Storage, or what is below a prefix in one.
///
/// An upload needs `roles/storage.objectCreator` and no more: nothing is read, listed or deleted. Large objects go as an
/// XML multipart upload, whose parts are sent side by side; small ones, and all where that is refused, as a JSON
/// resumable upload; what is created (``create(_:_:)``) is one request. Reading needs `roles/storage.objectViewer`.
public struct GoogleCloudStorage: ObjectStore, ResumingStore {
    /// How objects are sent.
    public struct Options: Sendable {
        /// Bytes of a part, from 5 MiB; larger where 10,000 parts of it would not cover the object.
        public var partSize: Int64 = 32 << 20
        /// How many parts are on their way at once, of all objects together.
        public var parallelParts = 8
        /// How long is tried again.
        public var retry = RetryPolicy()
        /// The most bytes a second, of all parts together; nil: as many as get through.
        public var rate: TransferRate?
        /// With no byte moving for so long a connection counts as dead.
        public var stallLimit = Duration.seconds(60)
        /// Is told in a sentence of what went wrong and is tried again, when a token is fetched or an object read.
        public var onNotice: @Sendable (MigrationNotice) -> Void = { _ in }
        /// Google's; smaller ones are for a server that takes them.
        var sizes = TransferSizes()

        /// 8 parts of 32 MiB.
        public init() {}
    }

    /// The bucket's name.
    public let bucket: String
    /// What comes before the names of objects, without a slash at its end; empty for none.
    public let prefix: String
    let client: GoogleClient
    let options: Options
    let limit: RateLimit?
    /// What all uploads of this store go through, with its copies.
    let gate: PartGate
    /// What parts are kept in while they are on their way.
    let buffers = BufferPool()

    /// Names a bucket.
    ///
    /// - Parameters:
    ///   - bucket: Its name.
    ///   - prefix: What comes before the names of objects.
    ///   - credentials: Whose rights count. Nil: those that Google's own programs would use; none where
    ///     `STORAGE_EMULATOR_HOST` names the server.
    ///   - options: How objects are sent.
    ///   - environment: `STORAGE_EMULATOR_HOST`, `CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE`, `HTTPS_PROXY`, `NO_PROXY`,
    ///     `SSL_CERT_FILE` and what application default credentials read count.
    /// - Throws: ``MigrationError`` with code `usage` if one of these cannot be used.
    public init(
        bucket: String, prefix: String = "", credentials: GoogleCredentials? = nil, options: Options = Options(),
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws {
        self.bucket = bucket
        self.prefix = prefix
        self.options = options
        limit = options.rate.map { RateLimit($0) }
        gate = PartGate(parts: options.parallelParts, heldBytes: options.sizes.heldParts)
        if let emulator = try environment.place("STORAGE_EMULATOR_HOST") {
            client = GoogleClient(
                endpoint: emulator.contains("://") ? emulator : "http://\(emulator)",
                http: try HTTPSession(environment: environment), stallLimit: options.stallLimit)
            return
        }
        var reaching = GoogleClient.Options()
        (reaching.retry, reaching.stallLimit, reaching.onNotice) = (options.retry, options.stallLimit, options.onNotice)
        client = try GoogleClient(
            "storage", override: "CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE",
            scopes: ["https://www.googleapis.com/auth/devstorage.read_write"],
            credentials: try credentials ?? .applicationDefault(environment: environment), options: reaching,
            environment: environment)
    }

    /// The bucket and the prefix, as `gs://bucket/prefix`.
    public var location: String { "gs://\(bucket)" + (prefix.isEmpty ? "" : "/\(prefix)") }

    /// A customer's key can create objects, and nothing else.
    public var isWriteOnce: Bool { true }

    /// The full name of an object.
    func object(_ name: String) throws -> String {
        try ObjectName.check(name)
        return prefix.isEmpty ? name : "\(prefix)/\(name)"
    }

    /// Stores an object: only if there is none of that name, and only if the store's checksum of it is that of the bytes
    /// that the stream gave.
    ///
    /// A task that is cancelled takes no more parts, waits for those that are on their way and throws
    /// `CancellationError`; the next run of ``UploadSnapshot`` goes on from there.
    ///
    /// - Throws: ``MigrationError`` if the store refuses or nothing gets through for as long as
    ///   ``Options/retry`` has patience; what the stream throws.
    public func put(_ name: String, _ upload: ObjectUpload) async throws -> ObjectStatus {
        do { return try await send(name, upload) } catch is UploadGone where upload.notes == nil {
            // With notes there is a flow that knows how to begin again.
            throw UploadGone.error(name, location)
        }
    }

    private func send(_ name: String, _ upload: ObjectUpload) async throws -> ObjectStatus {
        let object = try object(name)
        let source = upload.stream.makeAsyncIterator()
        let smallObject = options.sizes.smallObject
        var head: [ByteBuffer] = []
        var size = 0
        while size <= smallObject, let chunk = try await source.next() {
            head.append(chunk)
            size += chunk.readableBytes
        }
        var upload = upload
        upload.stream = ByteStream(head, then: source)
        let notes = upload.notes?.current
        if size > smallObject, notes?.session == nil {
            do {
                return try await MultipartUpload(self, name: name, object: object, upload).run()
            } catch is MultipartRefused {
                upload.onNotice(
                    MigrationNotice(
                        .multipartRefused,
                        "\(location) does not allow multipart uploads by \(client.account): uploading one slower "
                            + "stream instead.",
                        ["name": .init(name), "location": .init(location), "account": .init(client.account)]))
                // Nothing of the stream but its head has been taken.
                upload.stream = ByteStream(head, then: source)
            }
        }
        do { return try await ResumableUpload(self, name: name, object: object, upload).run() } catch is UploadGone
            where size <= smallObject
        {
            upload.onNotice(
                MigrationNotice(
                    .uploadRestarted, "\(name): the store lost the uploaded data. Sending it again.",
                    ["name": .init(name)]))
            try upload.notes?.startOver()
            upload.stream = ByteStream(chunks: head)
            return try await ResumableUpload(self, name: name, object: object, upload).run()
        }
    }

    /// Stores a small object if there is none of that name, by one request.
    public func create(_ name: String, _ bytes: ByteBuffer) async throws -> Bool {
        do {
            try await insert(name, bytes)
            return true
        } catch let error as MigrationError {
            // An answer that was lost on its way looks like somebody else's object.
            guard let status = try await status(of: name) else { throw error }
            guard status.size == Int64(bytes.readableBytes) else { return false }
            return try await read(name, limit: bytes.readableBytes) == Array(bytes.readableBytesView)
        }
    }

    /// What is below one more part of the prefix.
    public func folder(_ name: String) throws -> any ObjectStore { try below(name) }

    /// The same, where a Google bucket is needed.
    func below(_ name: String) throws -> GoogleCloudStorage { GoogleCloudStorage(self, prefix: try object(name)) }

    private init(_ other: GoogleCloudStorage, prefix: String) {
        (bucket, client, options) = (other.bucket, other.client, other.options)
        (limit, gate) = (other.limit, other.gate)
        self.prefix = prefix
    }

    /// The address by which Google's other services know an object.
    func uri(of name: String) throws -> String { "gs://\(bucket)/\(try object(name))" }

    /// Has the store forget what was sent of an object: parts that are not completed stay, and cost, for ever. That it
    /// cannot be told is no reason to fail.
    package func abandon(_ name: String, _ notes: UploadNotes) async {
        let state = notes.current
        guard let object = try? object(name), state.finished == nil else { return }
        if let id = state.uploadID { await abort(id, of: object) }
        if let session = state.session.flatMap({ URL(string: $0) }), client.isOwn(session) {
            _ = try? await client.sendUnauthorized {
                client.request(.DELETE, session, headers: ["Content-Length": "0"])
            }
        }
    }

    /// Ends a multipart upload, for which it is worth to try more than once but not for long.
    func abort(_ id: String, of object: String) async {
        var policy = options.retry
        policy.patience = min(policy.patience, .seconds(10))
        try? await Retry(policy)("the end of an upload") {
            let reply = try await client.send { client.request(.DELETE, try xml(object, [("uploadId", id)])) }
            _ = try reply.expecting(200, 204, 404)
        }
    }
}
