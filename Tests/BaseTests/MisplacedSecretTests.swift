import TestSupport
import Testing

@testable import MigrationKitBase

/// Keys and passwords where a path, a host, a bucket or a name is wanted.
@Suite struct MisplacedSecretTests {
    static let json = SecretForms.json("hunter2")
    static let pem = SecretForms.pem("hunter2")

    static let secrets: [(String, MisplacedSecret)] = [
        (json, .key), ("\n \(json)", .key), ("'\(json)'", .key), ("\"\(json)\"", .key), ("{", .key), (pem, .key),
        ("key: \(pem)", .key), (SecretForms.base64(json), .encodedKey), (SecretForms.base64(pem), .encodedKey),
        (SecretForms.lines(of: SecretForms.base64(json)) + "\n", .encodedKey),
        ("\"\(SecretForms.base64(json))\"", .encodedKey), ("postgres://u:hunter2@h/d", .password),
        ("https://u:hunter2@h/", .password), ("https://hunter2@h", .password), ("redis://:hunter2@h", .password),
        ("postgres://u:1#/?hunter2@h/d", .password), ("host=h password=hunter2", .password),
        ("postgres://h/d?password=hunter2", .password), ("postgres://u:x hunter2@h/d", .password),
        ("u:hunter2@h", .password), ("postgres:/u:hunter2@h", .password), ("postgres//u:hunter2@h/d", .password),
        (String(repeating: "hunter2/", count: 600), .oversized),
        (String(repeating: "hunter2", count: 40), .oversized),
    ]

    @Test(arguments: secrets) func secretIsRefusedUnseen(text: String, kind: MisplacedSecret) throws {
        #expect(MisplacedSecret(text) == kind)
        let error = try #require(throws: MigrationError.self) { try MisplacedSecret.refuse(text, as: "-credentials") }
        #expect(error.code == .usage && error.next != nil)
        #expect(error.message.hasPrefix("-credentials "), "\(error)")
        #expect(!"\(error) \(error.jsonLine)".contains("hunter2"), "\(error)")
    }

    @Test func remedyIsThatOfTheKind() {
        func told(_ text: String, _ name: String = "-credentials") -> String {
            let error = #expect(throws: MigrationError.self) { try MisplacedSecret.refuse(text, as: name) }
            return error?.description ?? ""
        }
        #expect(told(Self.json).contains("-credentials contains a key, not its file."))
        #expect(told(SecretForms.base64(Self.json)).contains("Decode it first"))
        #expect(told("postgres://u:hunter2@h").contains("PGPASSWORD"))
        #expect(told(Self.pem, "-bucket").contains("-bucket contains a key.\n"))
    }

    @Test(arguments: [
        "", "key.json", "/home/me/.config/gcloud/application_default_credentials.json", "./a b", "gs://acme/prefix",
        "file:///mnt/usb", "ssh://root@vm:22", "postgres://sg@h:5432/d", "https://sourcegraph.example.com", "a{b}",
        "statefulset/pgsql", "db1.example.com,db2.example.com", "eyes", "main-47cc60a2", "MIIE", "@abstract",
        "root@vm:22", "./backup:2026@noon", "/mnt/a:b@c",
        "ca6d7bcdef2c6c348933132bde574b7267193344df27771ab6e63ceda0f45021", String(repeating: "b", count: 255),
    ])
    func otherValuesAreTaken(text: String) { #expect(MisplacedSecret(text) == nil) }
}
