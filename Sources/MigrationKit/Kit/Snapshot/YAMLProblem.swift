internal import Yams

/// What is wrong with a text that is not YAML, in words for whoever has written it.
///
/// The parser's own message shows the line, which may hold a password.
struct YAMLProblem {
    /// The line, counted from 1; nil where the parser does not tell.
    let line: Int?
    /// A sentence without its end.
    let text: String

    init(_ error: any Error) {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            (line, text) = (mark.line, Self.words(problem))
        case .duplicatedKeysInMapping(_, let context):
            (line, text) = (context.mark.line, "a key appears twice")
        case .reader: (line, text) = (nil, "it contains characters that are not allowed in YAML")
        default: (line, text) = (nil, "it is not YAML")
        }
    }

    /// Parts of what libyaml says, and what it means to a person.
    private static let meanings = [
        ("mapping values are not allowed", "there is a second colon, or a line above it is indented too far"),
        ("could not find expected ':'", "a colon is missing after a key, or a space after the colon"),
        ("cannot start any token", "a value begins with a character that YAML reserves: put it in quotes"),
        ("found unexpected end of stream", "a quote or a bracket is not closed"),
        ("found unknown escape character", "there is a backslash in double quotes: use single quotes"),
        ("did not find expected key", "the indentation differs from the lines above, or a quote is not closed"),
        ("did not find expected node content", "a value is missing, or a bracket is not closed"),
        ("did not find expected ',' or", "a comma or a closing bracket is missing"),
        ("did not find expected alphabetic", "a value begins with & or *: put it in quotes"),
        ("found undefined alias", "a value begins with *: put it in quotes"),
        ("block sequence entries are not allowed", "a dash begins a list where none can be"),
        ("found a tab character", "there is a tab: indent with spaces"),
        ("did not find expected <document start>", "there is text before the first key, or a key is missing"),
    ]

    private static func words(_ problem: String) -> String {
        meanings.first { problem.contains($0.0) }?.1 ?? "it is not YAML (\(problem))"
    }
}
