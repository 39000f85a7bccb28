internal import MigrationKitFoundation
internal import NIOCore
internal import NIOHTTP1

/// The operator's side: list, status, and reads in ranges that are fetched side by side.
extension GoogleCloudStorage: FolderListing, VersionListing {
    /// Names of all objects below the prefix, but not of those below further slashes.
    ///
    /// - Throws: ``MigrationError`` if the bucket cannot be read.
    public func list() async throws -> [String] {
        struct Item: Decodable { var name: String }
        return try await items(Item.self, fields: "name").compactMap { name($0.name) }.sorted()
    }

    /// Bytes of each of them, in the same few requests.
    ///
    /// - Throws: ``MigrationError`` if the bucket cannot be read.
    public func sizes() async throws -> [String: Int64] {
        struct Item: Decodable {
            var name: String
            var size: String
        }
        return try await items(Item.self, fields: "name,size").reduce(into: [:]) { sizes, item in
            if let name = name(item.name) { sizes[name] = Int64(item.size) }
        }
    }

    /// Generation, size and CRC32C of each of them, in the same few requests.
    ///
    /// - Throws: ``MigrationError`` if the bucket cannot be read.
    package func versions() async throws -> [ObjectVersion] {
        struct Item: Decodable {
            var name: String
            var size: String?
            var crc32c: String?
            var generation: String?
        }
        // What lacks one of these was not stored by src-snapshot.
        return try await items(Item.self, fields: "name,size,crc32c,generation").compactMap { item in
            guard let name = name(item.name), let size = item.size.flatMap({ Int64($0) }), let crc32c = item.crc32c,
                let generation = item.generation, generation.allSatisfy({ $0.isASCII && $0.isNumber })
            else { return nil }
            return ObjectVersion(name: name, size: size, crc32c: crc32c, generation: generation)
        }
    }

    /// Names of what stands before the next slash below the prefix.
    ///
    /// - Throws: ``MigrationError`` if the bucket cannot be read.
    package func folders() async throws -> [String] {
        struct Nothing: Decodable {}
        var folders: [String] = []
        _ = try await items(Nothing.self, fields: "id") { folders += $0 }
        return folders.compactMap { name(String($0.dropLast($0.hasSuffix("/") ? 1 : 0))) }.sorted()
    }

    /// What is below the prefix, page by page.
    ///
    /// - Parameter onFolders: Gets what is below further slashes; nil: nobody asks for that.
    private func items<Item: Decodable & Sendable>(
        _ type: Item.Type, fields: String, onFolders: (([String]) -> Void)? = nil
    ) async throws -> [Item] {
        let start = prefix.isEmpty ? "" : "\(prefix)/"
        let fields = "items(\(fields)),nextPageToken" + (onFolders == nil ? "" : ",prefixes")
        var items: [Item] = []
        var token: String?
        repeat {
            let query =
                [("prefix", start), ("delimiter", "/"), ("fields", fields)]
                + (token.map { [("pageToken", $0)] } ?? [])
            let page = try await decoded(Page<Item>.self, "The list of \(location)") { try json(nil, query) }
            items += page?.items ?? []
            onFolders?(page?.prefixes ?? [])
            guard page?.nextPageToken != token || token == nil else { throw endlessList("its objects") }
            token = page?.nextPageToken
        } while token != nil
        return items
    }

    private struct Page<Item: Decodable & Sendable>: Decodable, Sendable {
        var items: [Item]?
        var prefixes: [String]?
        var nextPageToken: String?
    }

    /// A full name below the prefix; nil for one that is not to be believed.
    private func name(_ full: String) -> String? {
        let start = prefix.isEmpty ? "" : "\(prefix)/"
        // By bytes: a combining character behind the prefix would make another name of it.
        guard full.utf8.starts(with: start.utf8) else { return nil }
        guard let name = String(full.utf8.dropFirst(start.utf8.count)), (try? ObjectName.check(name)) != nil else {
            return nil
        }
        return name
    }

    /// Size and CRC32C of an object, as the store keeps them.
    ///
    /// - Throws: ``MigrationError`` if the bucket cannot be read.
    public func status(of name: String) async throws -> ObjectStatus? {
        try await resource(of: name).map { ObjectStatus(size: $0.size, crc32c: $0.crc32c) }
    }

    /// Reads an object, whole: always one generation of it, and at its end its CRC32C has to be the one that the store
    /// keeps.
    ///
    /// - Throws: ``MigrationError`` with code `damaged-snapshot` if there is no such object.
    public func get(_ name: String) async throws -> ByteStream {
        let resource = try await found(name)
        let ranges = reading(name, resource, 0..<resource.size)
        let crc = RunningChecksum()
        return ByteStream {
            if let chunk = try await ranges.next() {
                crc.update(chunk)
                return chunk
            }
            guard crc.value == resource.crc32c else {
                throw MigrationError(
                    .damagedSnapshot, "\(name) in \(location) was not read correctly: its checksum differs.",
                    next: "Run the same command again.")
            }
            return nil
        }
    }

    /// Reads a part of an object. Its checksum is that of the connection.
    ///
    /// - Throws: ``MigrationError`` with code `damaged-snapshot` if there is no such object.
    public func get(_ name: String, range: Range<Int64>) async throws -> ByteStream {
        let resource = try await found(name)
        let ranges = reading(name, resource, range.clamped(to: 0..<resource.size))
        return ByteStream { try await ranges.next() }
    }

    // MARK: Requests

    /// What is needed of an object's resource.
    struct Resource: Sendable, Decodable {
        var size: Int64
        var crc32c: UInt32
        var generation: String

        enum CodingKeys: CodingKey { case generation }

        init(from decoder: any Decoder) throws {
            let stored = try ObjectDescription(from: decoder)
            (size, crc32c) = (stored.size, stored.crc32c)
            generation = try decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .generation)
        }
    }

    private func found(_ name: String) async throws -> Resource {
        guard let resource = try await resource(of: name) else {
            throw MigrationError.missingObject(name, in: location)
        }
        return resource
    }

    private func resource(of name: String) async throws -> Resource? {
        let object = try object(name)
        return try await decoded(Resource.self, name, missing: 404) {
            try json(object, [("fields", "size,crc32c,generation")])
        }
    }

    /// - Parameter missing: A status that stands for "there is none".
    private func decoded<Value: Decodable & Sendable>(
        _ type: Value.Type, _ what: String, missing: Int? = nil, _ url: () throws -> URL
    ) async throws -> Value? {
        try await attempt(what, what, Retry(options.retry, onNotice: options.onNotice)) {
            let reply = try await client.send { client.request(.GET, try url()) }
            if let missing, reply.status == missing { return nil }
            return try reply.expecting(200).json(type)
        }
    }

    /// The ranges of an object, in order; those that follow are on their way while one is worked on.
    private func reading(_ name: String, _ resource: Resource, _ whole: Range<Int64>) -> ReadAhead {
        let retry = Retry(options.retry, onNotice: options.onNotice)
        let ranges = stride(from: whole.lowerBound, to: whole.upperBound, by: Int(options.sizes.range)).map {
            $0..<min($0 + options.sizes.range, whole.upperBound)
        }
        return ReadAhead(ranges, atOnce: options.parallelParts) { range in
            let object = try object(name)
            return try await attempt("byte \(range.lowerBound) of \(name)", name, retry) {
                let reply = try await client.send {
                    var request = client.request(
                        .GET, try json(object, [("alt", "media"), ("generation", resource.generation)]),
                        headers: ["Range": "bytes=\(range.lowerBound)-\(range.upperBound - 1)"])
                    request.replyLimit = max(range.count, 1 << 20)
                    return request
                }
                guard reply.status != 404 else {
                    throw MigrationError(
                        .damagedSnapshot, "\(name) in \(location) was replaced or removed while it was being read.",
                        next: "Run the same command again.")
                }
                _ = try reply.expecting(200, 206)
                guard reply.body.readableBytes == range.count else {
                    throw TransientFailure("received \(reply.body.readableBytes) bytes instead of \(range.count)")
                }
                return reply.body
            }
        }
    }
}
