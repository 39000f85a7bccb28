internal import CLibYAML

/// What is wrong with a text that is not YAML, in words for whoever has written it.
///
/// The line itself is not shown: it may hold a password.
package struct YAMLProblem: Error {
    /// The line, counted from 1; nil where the parser does not tell.
    package let line: Int?
    /// A sentence without its end.
    package let text: String

    init(line: Int?, _ text: String) {
        self.line = line
        self.text = text
    }

    /// - Parameter libyaml: What libyaml says.
    init(line: Int?, libyaml problem: String) {
        let meaning = Self.meanings.first { problem.contains($0.0) }?.1
        self.init(line: line, meaning ?? "it is not YAML (\(problem))")
    }

    /// Why a parser has stopped.
    init(_ parser: yaml_parser_t) {
        switch parser.error {
        case YAML_SCANNER_ERROR, YAML_PARSER_ERROR:
            self.init(line: parser.problem_mark.line + 1, libyaml: parser.problem.map { String(cString: $0) } ?? "")
        case YAML_READER_ERROR: self.init(line: nil, "it contains characters that are not allowed in YAML")
        default: self.init(line: nil, "it is not YAML")
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
}
