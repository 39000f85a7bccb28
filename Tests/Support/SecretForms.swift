import Foundation

/// Secrets as people put them where they do not belong.
package enum SecretForms {
    /// The key of a service account, with a text in it that must not be seen.
    package static func json(_ needle: String) -> String {
        """
        {
          "type": "service_account",
          "private_key": "\(pem(needle).replacing("\n", with: "\\n"))",
          "client_email": "writer@acme.iam.gserviceaccount.com"
        }
        """
    }

    package static func pem(_ needle: String) -> String {
        "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj\(needle)\n-----END PRIVATE KEY-----\n"
    }

    package static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

    /// As `base64` breaks it.
    package static func lines(of text: String) -> String {
        var lines: [Substring] = []
        var rest = text[...]
        while !rest.isEmpty {
            lines.append(rest.prefix(76))
            rest = rest.dropFirst(76)
        }
        return lines.joined(separator: "\n")
    }
}

/// A secret in one of its forms, and what must be seen of it nowhere.
package struct MisplacedForm: Sendable {
    package var name: String
    package var text: String
    package var needle: String

    package static let all: [MisplacedForm] = {
        let json = SecretForms.json("hunter2")
        let encoded = SecretForms.base64(json)
        let part = String(encoded.dropFirst(24).prefix(24))
        return [
            MisplacedForm(name: "key", text: json, needle: "hunter2"),
            MisplacedForm(name: "PEM", text: SecretForms.pem("hunter2"), needle: "hunter2"),
            MisplacedForm(name: "base64", text: encoded, needle: part),
            MisplacedForm(name: "lines of base64", text: SecretForms.lines(of: encoded), needle: part),
            MisplacedForm(name: "URI", text: "postgres://sg:hunter2@h/d", needle: "hunter2"),
            MisplacedForm(name: "URI with a fragment", text: "postgres://sg:1#hunter2@h/d", needle: "hunter2"),
            MisplacedForm(name: "connection string", text: "host=h password=hunter2", needle: "hunter2"),
        ]
    }()
}
