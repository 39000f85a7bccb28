import Foundation
import TestSupport

/// Changes one value of a JSON text in place and leaves all else, comments too, as it is.
///
/// It does what the server's library does, its faults included: elements of arrays cannot be replaced, and the last
/// of several on one line is not removed cleanly.
///
/// Source: sourcegraph/jsonx, edit.go.
package struct JSONCEditor {
    package enum Segment: Sendable, Equatable {
        case property(String)
        case index(Int)
    }

    private var text: [Unicode.Scalar]
    private let root: JSONCNode?

    /// - Parameter value: The new value as JSON; nil: what is there is removed.
    package static func edit(_ text: String, _ path: [Segment], _ value: String?) throws -> String {
        var editor = JSONCEditor(text: Array(text.unicodeScalars), root: try JSONCParser.parse(text))
        let node: JSONCNode?
        do {
            node = try value.flatMap { try JSONCParser.parse($0, isLenient: false) }
        } catch {
            throw FakeFailure("json: error calling MarshalJSON for type json.RawMessage: invalid character")
        }
        if value != nil, node == nil {
            throw FakeFailure("json: error calling MarshalJSON for type json.RawMessage: unexpected end of JSON input")
        }
        try editor.set(path, node.map { Value(node: $0, text: Array((value ?? "").unicodeScalars), wraps: []) })
        return editor.text.reduce(into: "") { $0.unicodeScalars.append($1) }
    }

    /// A value, and the objects and arrays that are still to be made around it, the innermost first.
    private struct Value {
        var node: JSONCNode
        var text: [Unicode.Scalar]
        var wraps: [Segment]

        func formatted(_ level: Int) -> String {
            func wrapped(_ wraps: ArraySlice<Segment>, _ level: Int) -> String {
                guard let wrap = wraps.last else { return Self.formatted(node, text, level) }
                let inner = "\n" + Self.indent(level + 1)
                let value = wrapped(wraps.dropLast(), level + 1)
                return switch wrap {
                case .property(let key): "{\(inner)\(Self.quoted(key)): \(value)\n\(Self.indent(level))}"
                case .index: "[\(inner)\(value)\n\(Self.indent(level))]"
                }
            }
            return wrapped(wraps[...], level)
        }

        static func indent(_ level: Int) -> String { String(repeating: "  ", count: level) }

        /// As Go writes strings, which are to be safe in HTML.
        static func quoted(_ text: String) -> String { escaped(AnyJSON.string(text).text) }

        private static func escaped(_ json: String) -> String {
            [("&", "\\u0026"), ("<", "\\u003c"), (">", "\\u003e")].reduce(json) { $0.replacing($1.0, with: $1.1) }
        }

        private static func formatted(_ node: JSONCNode, _ text: [Unicode.Scalar], _ level: Int) -> String {
            let (inner, outer) = ("\n" + indent(level + 1), "\n" + indent(level))
            switch node.kind {
            case .object(let properties):
                guard !properties.isEmpty else { return "{}" }
                let lines = properties.map { "\(inner)\(quoted($0.key)): \(formatted($0.value, text, level + 1))" }
                return "{\(lines.joined(separator: ","))\(outer)}"
            case .array(let elements):
                guard !elements.isEmpty else { return "[]" }
                return "[\(elements.map { inner + formatted($0, text, level + 1) }.joined(separator: ","))\(outer)]"
            case .leaf: return escaped(text[node.range].reduce(into: "") { $0.unicodeScalars.append($1) })
            }
        }
    }

    // MARK: Where

    private mutating func set(_ path: [Segment], _ value: Value?) throws {
        var (path, value) = (path, value)
        while let last = path.popLast() {
            if let parents = find(path), let parent = parents.last { return try set(last, of: parent, parents, value) }
            guard value != nil else { break }
            value?.wraps.append(last)
        }
        guard let value else { throw FakeFailure("can't delete in empty document") }
        let content = value.formatted(0)
        if let root { replace(root.range, content) } else { replace(0..<0, text.isEmpty ? content : content + " ") }
    }

    /// The values on the way to a path, the outermost first; nil if it leads nowhere.
    private func find(_ path: [Segment]) -> [JSONCNode]? {
        guard var node = root else { return nil }
        var nodes = [node]
        for segment in path {
            switch (segment, node.kind) {
            case (.property(let key), .object(let properties)):
                guard let property = properties.first(where: { $0.key == key }) else { return nil }
                node = property.value
            case (.index(let index), .array(let elements)):
                guard elements.indices.contains(index) else { return nil }
                node = elements[index]
            default: return nil
            }
            nodes.append(node)
        }
        return nodes
    }

    private mutating func set(_ last: Segment, of parent: JSONCNode, _ parents: [JSONCNode], _ value: Value?) throws {
        switch (last, parent.kind) {
        case (.property(let key), .object(let properties)):
            if let index = properties.firstIndex(where: { $0.key == key }) {
                guard let value else { return removeProperty(index, properties, parent, parents) }
                replace(properties[index].value.range, value.formatted(level(of: parents) + 1))
            } else if let value {
                let content = "\(Value.quoted(key)): \(value.formatted(level(of: parents) + 1))"
                insert(content, after: properties.last?.range, parent, parents)
            }
        case (.index(-1), .array(let elements)):
            // Without a value the library appends null.
            insert(value?.formatted(level(of: parents) + 1) ?? "null", after: elements.last?.range, parent, parents)
        case (.index(let index), .array(let elements)):
            guard value == nil else { throw FakeFailure("array modification not supported yet") }
            guard elements.indices.contains(index) else {
                throw FakeFailure(
                    "panic occurred: runtime error: index out of range [\(index)] with length \(elements.count)")
            }
            removeElement(index, elements, parent)
        case (.property, _): throw FakeFailure("can't add property to parent of type \(parent.typeName)")
        case (.index, _): throw FakeFailure("can't add index to parent of type \(parent.typeName)")
        }
    }

    // MARK: Changes

    private mutating func replace(_ range: Range<Int>, _ content: String) {
        text.replaceSubrange(range, with: Array(content.unicodeScalars))
    }

    private mutating func insert(
        _ content: String, after previous: Range<Int>?, _ parent: JSONCNode, _ parents: [JSONCNode]
    ) {
        let level = level(of: parents)
        let place = previous?.upperBound ?? parent.range.lowerBound + 1
        var end = place
        while end < text.count, text[end] == " " || text[end] == "\t" { end += 1 }
        let lead = (previous == nil ? "\n" : ",\n") + Value.indent(level + 1)
        // What closes the parent goes on a line of its own.
        if end == parent.range.upperBound - 1 {
            replace(place..<end, lead + content + "\n" + Value.indent(level))
        } else {
            replace(place..<(end < text.count && text[end] == "\n" ? end : place), lead + content)
        }
    }

    private mutating func removeProperty(
        _ index: Int, _ properties: [JSONCNode.Property], _ parent: JSONCNode, _ parents: [JSONCNode]
    ) {
        let inside = parent.range.lowerBound + 1
        let level = level(of: parents)
        if index > 0 {
            replace(properties[index - 1].range.upperBound..<properties[index].range.upperBound, "")
        } else if properties.count > 1 {
            replace(inside..<properties[1].range.lowerBound, "\n" + Value.indent(level + 1))
        } else {
            var end = properties[0].range.upperBound
            while end < parent.range.upperBound, " \t\r\n".unicodeScalars.contains(text[end]) { end += 1 }
            let isEmpty = end == parent.range.upperBound - 1
            replace(inside..<(isEmpty ? end : properties[0].range.upperBound), "")
        }
    }

    private mutating func removeElement(_ index: Int, _ elements: [JSONCNode], _ parent: JSONCNode) {
        if elements.count == 1 {
            replace(parent.range.lowerBound + 1..<parent.range.upperBound - 1, "")
        } else if index == elements.count - 1 {
            // All but the sign before the bracket: a line's end where there is one, else the element's own last sign.
            let start = elements[index - 1].range.upperBound
            replace(start..<max(start, parent.range.upperBound - 2), "")
        } else {
            replace(elements[index].range.lowerBound..<elements[index + 1].range.lowerBound, "")
        }
    }

    /// How deep the last of some values is indented: by the line that it begins on, and what is opened there before it.
    private func level(of parents: [JSONCNode]) -> Int {
        guard let last = parents.last else { return 0 }
        var start = last.range.lowerBound
        while start > 0, text[start - 1] != "\n" { start -= 1 }
        var blanks = 0
        for scalar in text[start...] {
            guard scalar == " " || scalar == "\t" else { break }
            blanks += scalar == " " ? 1 : 2
        }
        return blanks / 2 + parents.count { $0.range.lowerBound >= start } - 1
    }
}
