/// Text that must not be seen: it prints as `<redacted>`, whatever prints it.
///
/// Secrets travel by environment, file or standard input, never in argv.
public struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The text itself, for whoever hands it to a child process.
    public let revealed: String

    /// Makes a secret of a text.
    public init(_ text: String) { revealed = text }

    /// Always `<redacted>`.
    public var description: String { "<redacted>" }
    /// Always `<redacted>`.
    public var debugDescription: String { "<redacted>" }
    /// Shows nothing, so that `dump` and test failures show nothing.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
