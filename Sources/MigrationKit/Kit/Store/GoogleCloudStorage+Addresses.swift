internal import MigrationKitFoundation
internal import NIOHTTP1

extension GoogleCloudStorage {
    /// An object in the XML API.
    func xml(_ object: String, _ query: [(String, String?)] = []) throws -> URL {
        try client.url("/\(GoogleClient.encoded(bucket))/\(GoogleClient.encoded(object, keeping: "/"))", query)
    }

    /// An object in the JSON API; nil: the list of them.
    func json(_ object: String? = nil, _ query: [(String, String?)] = []) throws -> URL {
        let path = object.map { "/\(GoogleClient.encoded($0))" } ?? ""
        return try client.url("/storage/v1/b/\(GoogleClient.encoded(bucket))/o\(path)", query)
    }

    /// Where a JSON upload begins.
    func upload(_ query: [(String, String?)]) throws -> URL {
        try client.url("/upload/storage/v1/b/\(GoogleClient.encoded(bucket))/o", query)
    }
}

extension HTTPReply {
    /// The CRC32C that `X-Goog-Hash` names, alone or beside an MD5.
    var crc32c: UInt32? {
        headers[canonicalForm: "X-Goog-Hash"].lazy.compactMap { value in
            value.hasPrefix("crc32c=") ? UInt32(base64: value.dropFirst("crc32c=".count)) : nil
        }.first
    }
}
