/// Something to know that happened on the way: a sentence for people, and for programs its code and the values in it.
public struct MigrationNotice: Sendable {
    /// Which it is, in kebab case, such as `retrying`: stable, and listed in the article on JSON events.
    public let code: String
    /// The sentence.
    public let text: String
    /// The values that the sentence holds, by name.
    package let values: [String: JSONValue]

    /// Makes a notice.
    ///
    /// - Parameters:
    ///   - code: Which it is.
    ///   - text: The sentence.
    ///   - values: The values in it; what is not known is left out.
    package init(_ code: Code, _ text: String, _ values: [String: JSONValue] = [:]) {
        (self.code, self.text) = (code.rawValue, text)
        self.values = values.filter { $0.value != .null }
    }

    /// The same with other words, in its sentence and in its values.
    ///
    /// - Parameter change: What becomes of a text.
    package func replacingTexts(_ change: (String) -> String) -> MigrationNotice {
        MigrationNotice(code: code, text: change(text), values: values.mapValues { $0.mappingTexts(change) })
    }

    /// Makes a notice of a program that uses the library.
    ///
    /// - Parameters:
    ///   - code: Which it is, in kebab case.
    ///   - text: The sentence.
    public init(code: String, text: String) { self.init(code: code, text: text, values: [:]) }

    private init(code: String, text: String, values: [String: JSONValue]) {
        (self.code, self.text, self.values) = (code, text, values)
    }
}

extension JSONValue {
    /// A text; nil: null.
    package init(_ text: String?) { self = text.map { .string($0) } ?? .null }
    /// A number; nil: null.
    package init(_ number: (some BinaryInteger)?) { self = number.map { .number(Double($0)) } ?? .null }
    /// Seconds, to the millisecond.
    package init(_ duration: Duration) { self = .number((duration / .milliseconds(1)).rounded() / 1000) }
    /// Texts.
    package init(_ texts: [String]) { self = .array(texts.map { .string($0) }) }

    /// The same without secrets.
    package var redacted: JSONValue { mappingTexts(\.redacted) }

    /// The same with other texts.
    fileprivate func mappingTexts(_ change: (String) -> String) -> JSONValue {
        switch self {
        case .null, .bool, .number: self
        case .string(let text): .string(change(text))
        case .array(let elements): .array(elements.map { $0.mappingTexts(change) })
        case .object(let members): .object(members.mapValues { $0.mappingTexts(change) })
        }
    }
}
