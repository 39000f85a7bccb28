internal import CLibYAML

/// Makes nodes of what libyaml finds.
struct YAMLParser: ~Copyable {
    /// The place that libyaml keeps pointers to.
    private let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    private var anchors: [String: YAMLNode] = [:]

    /// A file of settings has three levels, and a deployment's ten.
    private static let depthLimit = 100

    static func root(of text: String) throws(YAMLProblem) -> YAMLNode? {
        var parser = YAMLParser()
        var text = text
        let result: Result<YAMLNode?, YAMLProblem> = text.withUTF8 { bytes in
            yaml_parser_set_input_string(parser.parser, bytes.baseAddress, bytes.count)
            return Result { () throws(YAMLProblem) in try parser.document() }
        }
        return try result.get()
    }

    private init() {
        yaml_parser_initialize(parser)
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
    }

    // MARK: Nodes

    private mutating func document() throws(YAMLProblem) -> YAMLNode? {
        _ = try next()  // The stream's beginning.
        guard case .other = try next().kind else { return nil }
        let root = try node(next(), depth: 0)
        _ = try next()  // The document's end.
        let last = try next()
        guard case .end = last.kind else { throw YAMLProblem(line: last.line, "there is a second document") }
        return root
    }

    private mutating func node(_ event: Event, depth: Int) throws(YAMLProblem) -> YAMLNode {
        guard depth < Self.depthLimit else { throw YAMLProblem(line: event.line, "it is nested too deep") }
        let value: YAMLNode.Value
        switch event.kind {
        case .alias:
            guard let node = anchors[event.anchor ?? ""] else {
                throw YAMLProblem(line: event.line, libyaml: "found undefined alias")
            }
            return node
        case .scalar(let text, let isPlain):
            let isNull = isPlain && ["", "~", "null", "Null", "NULL"].contains(text)
            value = isNull ? .null : .text(text)
        case .list: value = .list(try elements(depth + 1))
        case .mapping: value = .mapping(try members(depth + 1))
        case .end, .other: throw YAMLProblem(line: event.line, "it is not YAML")
        }
        let node = YAMLNode(value, line: event.line)
        if let anchor = event.anchor { anchors[anchor] = node }
        return node
    }

    private mutating func elements(_ depth: Int) throws(YAMLProblem) -> [YAMLNode] {
        var elements: [YAMLNode] = []
        while true {
            let event = try next()
            if case .end = event.kind { return elements }
            elements.append(try node(event, depth: depth))
        }
    }

    private mutating func members(_ depth: Int) throws(YAMLProblem) -> [(key: YAMLNode, value: YAMLNode)] {
        var members: [(key: YAMLNode, value: YAMLNode)] = []
        var keys: Set<String> = []
        while true {
            let event = try next()
            if case .end = event.kind { return members }
            let key = try node(event, depth: depth)
            if let text = key.text, !keys.insert(text).inserted {
                throw YAMLProblem(line: key.line, "a key appears twice")
            }
            members.append((key, try node(next(), depth: depth)))
        }
    }

    // MARK: Events

    private struct Event {
        enum Kind {
            case alias
            case scalar(String, isPlain: Bool)
            case list
            case mapping
            /// Of a list, a mapping or the text.
            case end
            /// The beginning of the text, or an end of a document.
            case other
        }

        var kind: Kind
        var anchor: String?
        var line: Int
    }

    private func next() throws(YAMLProblem) -> Event {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw YAMLProblem(parser.pointee) }
        defer { yaml_event_delete(&event) }
        let line = event.start_mark.line + 1
        func text(_ name: UnsafePointer<UInt8>?) -> String? { name.map { String(cString: $0) } }
        switch event.type {
        case YAML_ALIAS_EVENT:
            return Event(kind: .alias, anchor: text(event.data.alias.anchor), line: line)
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            let value = String(
                decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
            let isPlain = scalar.style == YAML_PLAIN_SCALAR_STYLE
            return Event(kind: .scalar(value, isPlain: isPlain), anchor: text(scalar.anchor), line: line)
        case YAML_SEQUENCE_START_EVENT:
            return Event(kind: .list, anchor: text(event.data.sequence_start.anchor), line: line)
        case YAML_MAPPING_START_EVENT:
            return Event(kind: .mapping, anchor: text(event.data.mapping_start.anchor), line: line)
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT, YAML_STREAM_END_EVENT:
            return Event(kind: .end, line: line)
        default: return Event(kind: .other, line: line)
        }
    }
}
