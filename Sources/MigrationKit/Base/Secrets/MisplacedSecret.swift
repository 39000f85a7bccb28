/// A secret that somebody has put where a path, a host, a bucket or a name is wanted: known by its form, and never shown.
package enum MisplacedSecret: Sendable, Equatable {
    /// The text of a key, not the path of its file.
    case key
    /// The same in base64, as CI systems keep it.
    case encodedKey
    /// A URI or a connection string with a password.
    case password
    /// More than the system takes for a path: the text of a file, whatever file.
    case oversized

    /// `PATH_MAX` and `NAME_MAX` of Linux; macOS takes less.
    private static let longestPath = 4096
    private static let longestName = 255
    /// No key is shorter in base64.
    private static let encodedLength = 40

    /// Looks at a value; nil if it is none that can be known.
    package init?(_ text: String) {
        // Quotes that a file of variables has left around it.
        let visible = text.drop { $0.isWhitespace || "'\"-\u{FEFF}".contains($0) }
        if visible.hasPrefix("{") || text.contains("PRIVATE KEY") {
            self = .key
        } else if Self.isEncodedKey(visible) {
            self = .encodedKey
        } else if text.hasFormOfSecret || Self.isAccount(text) {
            self = .password
        } else if text.utf8.count > Self.longestPath
            || text.utf8.split(separator: UInt8(ascii: "/")).contains(where: { $0.count > Self.longestName })
        {
            self = .oversized
        } else {
            return nil
        }
    }

    /// `user:password@host` without a scheme, or with half of one; or a password with a space, where a message ends.
    private static func isAccount(_ text: String) -> Bool {
        guard let at = text.lastIndex(of: "@") else { return false }
        let account = text[..<at]
        guard let scheme = account.firstRange(of: "://") else {
            return account.contains(":") && !account.hasPrefix("/") && !account.hasPrefix(".")
        }
        let name = account[scheme.upperBound...]
        return name.contains(":") && name.contains(where: \.isWhitespace)
    }

    private static func isEncodedKey(_ text: Substring) -> Bool {
        let letters = text.utf8.lazy.filter { !$0.isSQLSpace }.prefix { EncodedKey.isLetter($0) }
        return letters.count >= encodedLength && EncodedKey.begins(letters)
    }

    /// Refuses a value that is a secret by its form.
    ///
    /// - Parameters:
    ///   - text: The value.
    ///   - name: What it was given as: an option, a variable, a key of a file.
    /// - Throws: ``MigrationError`` with code `usage` that does not show the value.
    package static func refuse(_ text: String, as name: String) throws {
        if let secret = MisplacedSecret(text) { throw secret.error(name) }
    }

    private func error(_ name: String) -> MigrationError {
        let isFile = ["credential", "key", "config", "file"].contains { name.lowercased().contains($0) }
        let notFile = isFile ? ", not its file" : ""
        let save =
            "that only you can read (umask 077), and pass the file's path" + (isFile ? "." : " as --credentials.")
        return switch self {
        case .key:
            MigrationError(.usage, "\(name) contains a key\(notFile).", next: "Save the key in a file \(save)")
        case .encodedKey:
            MigrationError(
                .usage, "\(name) contains a key in base64\(notFile).",
                next: "Decode it first: `base64 -d` into a file \(save)")
        case .password:
            MigrationError(
                .usage, "\(name) contains a password.",
                next: "Remove the password here: set it in PGPASSWORD, or in `password` of a targets file.")
        case .oversized:
            MigrationError(
                .usage, "\(name) is too long for a path or a name.",
                next: "Check that it is the path of a file, not its contents.")
        }
    }
}
