import TestSupport
import Testing

@testable import MigrationKitBase

/// What is a secret by its form is taken out of texts, and nothing else is.
@Suite struct RedactionTests {
    @Test(arguments: [
        ("postgres://sg:hunter2@pgsql:5432/sg?sslmode=disable", "postgres://<redacted>@pgsql:5432/sg?sslmode=disable"),
        ("postgres://sg:hun/#?@ter2@h/d, then", "postgres://<redacted>@h/d, then"),
        ("https://hunter2@github.com/a", "https://<redacted>@github.com/a"),
        ("socks5://me:hunter2@proxy:1080", "socks5://<redacted>@proxy:1080"),
        ("host=h password=hunter2 port=5", "host=h password=<redacted> port=5"),
        ("host=h password = 'hun ter2' port=5", "host=h password = '<redacted>' port=5"),
        ("?user=a&password=hunter2&sslmode=x", "?user=a&password=<redacted>&sslmode=x"),
        (#"PGPASSWORD='it'\''s-hunter2' psql"#, "PGPASSWORD='<redacted> psql"),
        (#"{"Password": "hun\"ter2", "a": 1}"#, #"{"Password": "<redacted>", "a": 1}"#),
        (#"{\"private_key\": \"hunter2\", 1}"#, #"{\"private_key\": \"<redacted>\", 1}"#),
        (#"{"private_key_id": "a", "refresh_token":"b"}"#, #"{"private_key_id": "a", "refresh_token":"<redacted>"}"#),
        ("(user 'u', password 'hun''ter2', x 'y')", "(user 'u', password '<redacted>', x 'y')"),
        ("(\n \"password\" E'hunter2'\n)", "(\n \"password\" E'<redacted>'\n)"),
        ("a -----BEGIN RSA PRIVATE KEY-----\nhunter2\n-----END RSA PRIVATE KEY----- b", "a <redacted> b"),
        (#"-----BEGIN PRIVATE KEY-----\nhunter2\n-----END"#, "<redacted>"),
        ("a:\n  PGPASSWORD: hunt er2\n  PGUSER: sg", "a:\n  PGPASSWORD: <redacted>\n  PGUSER: sg"),
        ("password: 'hunt: er2'\nb: 1", "password: '<redacted>'\nb: 1"),
        ("- {user: sg, password: hunter2, db: a}", "- {user: sg, password: <redacted>, db: a}"),
        ("db.password: |\n  hunter2\nb: 1", "db.password: <redacted>\nb: 1"),
        ("services.db.environment.POSTGRES_PASSWORD: hunter2", "services.db.environment.POSTGRES_PASSWORD: <redacted>"),
        (
            "invalid interpolation format for services.web.environment.[]: \"TOKEN=hun${ter2\". Escape it",
            "invalid interpolation format for services.web.environment.[]: \"<redacted>"
        ),
        (
            "Invalid interpolation format for x.\nYou may need to escape any $ with another $.\nhun${ter2\nend",
            "Invalid interpolation format for x.\nYou may need to escape any $ with another $.\n<redacted>\nend"
        ),
        ("token sgp_0123456789abcdef0123 is refused", "token <redacted> is refused"),
    ])
    func secretIsTakenOut(text: String, shown: String) {
        #expect(text.redacted == shown)
        #expect(shown.redacted == shown)
    }

    @Test(arguments: [
        "", "password authentication failed for user \"sg\"", "Check the password (PGPASSWORD or ~/.pgpass).",
        "export INSTANCE_ADMIN_PASSWORD=\"$(cat file)\"", "PGPASSWORD=… mi-migrate import",
        "`password`: expected a text", "a password: `x` is not one", "PGPASSWORD:", "password:\nuser: sg", "sgp_",
        "PGPASSWORD=$FRONTEND_PASSWORD psql", "PGPASSWORD: ${PGPASSWORD:-}",
        "PGPASSWORD=$(cat; echo .); PGPASSWORD=${PGPASSWORD%.}; export PGPASSWORD",
        "ssh://root@vm:22, root@vm", "postgres://sg@pgsql:5432/sg", "postgres://a:<redacted>@h/d",
        "gs://bucket/prefix by a@b.iam.example.com", "https://storage.googleapis.com/upload/b/o?name=a@b",
        "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----", "a passwordless login, token: none",
        "ca6d7bcdef2c6c348933132bde574b7267193344df27771ab6e63ceda0f45021 /usr/lib/postgresql/15/bin/pg_dump",
    ])
    func restStaysAsItIs(text: String) { #expect(text.redacted == text) }

    @Test func keyInBase64IsTakenOutWithAllItsLines() {
        let key = SecretForms.base64(SecretForms.json("hunter2"))
        #expect("it is \(key) there".redacted == "it is <redacted> there")
        #expect("`\(key)` is no path.".redacted == "`<redacted>` is no path.")
        #expect("it is:\n\(SecretForms.lines(of: key))\n\nthere.".redacted == "it is:\n<redacted>\n\nthere.")
    }

    /// Whoever writes a log, a dump or an answer decides on the text.
    @Test(arguments: [
        "password=$", "password='$", "password: ", "sgp_", "invalid interpolation format ", "with another $.\n",
        "invalid interpolation format\n", "-----BEGIN x\n",
        "password='x", "-----BEGIN ", "-----BEGIN PRIVATE KEY-----", "://", "a://b:c@",
        #"\"password\": "#, "password \"", "eyJ", "MIIE", "private_key", "password=", "password= ", "\u{0}", "é",
    ])
    func hostileTextIsReadInOneGo(piece: String) {
        let text = String(repeating: piece, count: 20_000)
        #expect(text.redacted.utf8.count <= text.utf8.count + 20_000 * 10)
    }

    // MARK: By value

    @Test(arguments: [
        "is correct-horse-1 here", #"{"a":"correct-horse-1"}"#, "line\ncorrect-horse-1\nline", "correct-horse-1",
        "xcorrect-horse-1x",
    ])
    func knownSecretIsTakenOutWhereverItStands(text: String) {
        _ = Secret(known: "correct-horse-1")
        #expect(text.redacted == text.replacing("correct-horse-1", with: "<redacted>"))
    }

    @Test(arguments: [
        #"p$w/"o'rd4"#, #"p$w\/\"o'rd4"#, #"p$w/\"o'rd4"#, "p%24w%2F%22o%27rd4", #"p$$w/"o'rd4"#, #"p$w/"o'\''rd4"#,
        #"p$w/"o''rd4"#,
    ])
    func knownSecretIsTakenOutInEveryForm(form: String) {
        _ = Secret(known: #"p$w/"o'rd4"#)
        #expect("a \(form) b".redacted == "a <redacted> b")
    }

    @Test(arguments: ["postgres", "password", "sg", "secret"])
    func wordStaysInSentences(word: String) {
        _ = Secret(known: word)
        #expect("the \(word) of it".redacted == "the \(word) of it")
    }

    @Test func secretOverSeveralLinesIsTakenOut() {
        let lines = ["it is", "-----BEGIN PRIVATE KEY-----", "hunter2", "-----END PRIVATE KEY-----", "there"]
        #expect(lines.redacted == ["it is", "<redacted>", "there"])
    }
}
