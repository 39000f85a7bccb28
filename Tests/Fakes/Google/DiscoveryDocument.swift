import Foundation
package import TestSupport

/// Google's own description of the JSON API, and what a request has in it that is not in there.
package struct DiscoveryDocument: Sendable {
    private let document: AnyJSON
    private let methods: [Method]

    /// One of the API's, with the templates of its path, cut at their slashes: the plain one, and those of uploads and
    /// downloads.
    private struct Method {
        var id: String
        var description: AnyJSON
        var templates: [[Substring]]
    }

    /// The one in the fixtures, which has the methods that a snapshot needs.
    package static let storage = Result { try DiscoveryDocument(fixture: "storage.v1.trimmed") }

    /// The one of Cloud SQL's Admin API.
    package static let sqladmin = Result { try DiscoveryDocument(fixture: "sqladmin.v1.trimmed") }

    /// The one of Cloud Logging.
    package static let logging = Result { try DiscoveryDocument(fixture: "logging.v2.trimmed") }

    /// The one of Resource Manager.
    package static let resourceManager = Result { try DiscoveryDocument(fixture: "cloudresourcemanager.v1.trimmed") }

    private init(fixture name: String) throws {
        let url = Bundle.module.url(forResource: "Fixtures/\(name)", withExtension: "json")
        guard let url, let document = AnyJSON(parsing: try Data(contentsOf: url)) else {
            throw CocoaError(.fileReadNoSuchFile)
        }
        self.init(document: document)
    }

    package init(document: AnyJSON) {
        self.document = document
        methods = (document["methods"]?.object ?? [:]).compactMap { id, method in
            guard let template = method["path"]?.string, let base = document["servicePath"]?.string else { return nil }
            var templates = ["/" + base + template]
            if method["useMediaDownloadService"] == true { templates.append("/download/" + base + template) }
            for protocols in method["mediaUpload"]?["protocols"]?.object ?? [:] {
                if let template = protocols.value["path"]?.string { templates.append(template) }
            }
            return Method(id: id, description: method, templates: templates.map(Self.pieces))
        }
    }

    /// What is wrong with a request; nothing if it is as described.
    ///
    /// - Parameter path: Still percent-encoded, as `/` in an object's name is `%2F` in a path.
    package func problems(method: String, path: String, query: [(name: String, value: String)], body: AnyJSON?)
        -> [String]
    {
        guard let (id, description) = self.method(method, path) else { return ["\(method) \(path): no such method"] }
        var problems: [String] = []
        let own = description["parameters"]?.object ?? [:]
        let all = own.merging(document["parameters"]?.object ?? [:]) { own, _ in own }
        for (name, value) in query {
            guard let parameter = all[name], parameter["location"] == "query" else {
                problems.append("\(id): no query parameter \(name)")
                continue
            }
            if let problem = Self.problem(ofText: value, parameter) { problems.append("\(id): \(name): \(problem)") }
            if parameter["repeated"] != true, query.count(where: { $0.name == name }) > 1 {
                problems.append("\(id): \(name) more than once")
            }
        }
        for (name, parameter) in own where parameter["location"] == "query" && parameter["required"] == true {
            if !query.contains(where: { $0.name == name }) { problems.append("\(id): \(name) is missing") }
        }
        if let body {
            if let request = description["request"] {
                problems += self.problems(of: body, request, at: id)
            } else {
                problems.append("\(id): a body")
            }
        }
        return problems
    }

    /// What is wrong with the answer to a request that went well; nothing if it is as described.
    package func problems(ofAnswer body: AnyJSON, method: String, path: String) -> [String] {
        guard let (id, description) = self.method(method, path), let response = description["response"] else {
            return ["\(method) \(path): no such answer"]
        }
        return problems(of: body, response, at: "the answer of \(id)")
    }

    /// The name of the method that a request is for.
    package func id(method: String, path: String) -> String? { self.method(method, path)?.id }

    private func method(_ httpMethod: String, _ path: String) -> (id: String, AnyJSON)? {
        let pieces = Self.pieces(path)
        let method = methods.first { method in
            method.description["httpMethod"] == .string(httpMethod)
                && method.templates.contains { Self.matches(pieces, $0) }
        }
        return method.map { ($0.id, $0.description) }
    }

    private static func pieces(_ path: String) -> [Substring] {
        path.split(separator: "/", omittingEmptySubsequences: false)
    }

    private static func matches(_ pieces: [Substring], _ expected: [Substring]) -> Bool {
        pieces.count == expected.count
            && zip(pieces, expected).allSatisfy { piece, wanted in
                guard wanted.hasPrefix("{"), let end = wanted.firstIndex(of: "}") else { return piece == wanted }
                // Behind a parameter there may be a verb, such as `:generateAccessToken`.
                let verb = wanted[wanted.index(after: end)...]
                return piece.count > verb.count && piece.hasSuffix(verb)
            }
    }

    private static func problem(ofText text: String, _ parameter: AnyJSON) -> String? {
        if let allowed = parameter["enum"]?.array, !allowed.contains(.string(text)) { return "not \(text)" }
        switch (parameter["type"]?.string, parameter["format"]?.string) {
        case ("boolean", _): return ["true", "false"].contains(text) ? nil : "not true or false: \(text)"
        case (_, "int64"): return Int64(text) == nil ? "not an int64: \(text)" : nil
        case (_, "uint32"): return UInt32(text) == nil ? "not a uint32: \(text)" : nil
        case (_, "int32"): return Int32(text) == nil ? "not an int32: \(text)" : nil
        default: return nil
        }
    }

    // MARK: Bodies

    private func problems(of value: AnyJSON, _ schema: AnyJSON, at place: String) -> [String] {
        if let name = schema["$ref"]?.string {
            guard let schema = document["schemas"]?[name] else { return ["\(place): no schema \(name)"] }
            return problems(of: value, schema, at: place)
        }
        switch (schema["type"]?.string, value) {
        case ("object", .object(let fields)):
            return fields.flatMap { name, field in
                let described = schema["properties"]?[name] ?? schema["additionalProperties"]
                guard let described else { return ["\(place): no field \(name)"] }
                return problems(of: field, described, at: "\(place).\(name)")
            }
        case ("array", .array(let elements)):
            return elements.flatMap { problems(of: $0, schema["items"] ?? [:], at: "\(place)[]") }
        case ("string", .string(let text)):
            return Self.problem(ofString: text, schema).map { ["\(place): \($0)"] } ?? []
        case ("boolean", .bool), ("integer", .integer), ("number", .integer), ("number", .number), ("any", _): return []
        case (let type, _): return ["\(place): not \(type ?? "known"): \(value.text)"]
        }
    }

    private static func problem(ofString text: String, _ schema: AnyJSON) -> String? {
        switch schema["format"]?.string {
        case "int64": Int64(text) == nil ? "not an int64: \(text)" : nil
        case "uint64": UInt64(text) == nil ? "not a uint64: \(text)" : nil
        case "byte": Data(base64Encoded: text) == nil ? "not base64: \(text)" : nil
        case "date-time", "google-datetime":
            text.prefixMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/) != nil ? nil : "not a time: \(text)"
        case "google-duration": text.wholeMatch(of: /-?\d+(\.\d{1,9})?s/) == nil ? "not a duration: \(text)" : nil
        default:
            if let allowed = schema["enum"]?.array, !allowed.contains(.string(text)) { "not \(text)" } else { nil }
        }
    }
}
