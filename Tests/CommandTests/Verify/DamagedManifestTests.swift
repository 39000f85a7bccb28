import Foundation
import MigrationKit
import TestClusters
import Testing

/// `verify -bucket` and `mi-migrate import`, of a bucket whose manifest is not what was written.
@Suite(.inTurn) struct DamagedManifestTests {
    let workplace: Workplace

    init() async throws {
        workplace = try await Workplace()
        try await workplace.takeExample("bucket")
    }

    /// Verifies, and expects that this is said after the last event; an import says the same.
    private func isRefused(_ sentence: String) async throws {
        let verified = try await workplace.snapshot("verify", "-bucket=./bucket")
        let imported = try await workplace.migrate(
            "import", "--bucket=./bucket", "--into=\(workplace.into)", "--yes")
        for refused in [verified, imported] {
            #expect(refused.exit == 4, "\(refused.errors)")
            #expect(refused.output == "")
            let final = try #require(refused.errors.range(of: "error: "))
            #expect(refused.errors[final.lowerBound...].contains(sentence), "\(refused.errors)")
        }
    }

    struct Change: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var sentence: String
        var apply: @Sendable (inout SnapshotManifest) throws -> Void

        init(
            _ name: String, _ sentence: String,
            _ apply: @escaping @Sendable (inout SnapshotManifest) throws -> Void
        ) {
            testDescription = name
            self.sentence = sentence
            self.apply = apply
        }
    }

    private static let otherRows = "The rows of codeintel.sql differ from those in the manifest."
    private static let otherBytes = "codeintel.sql is not what was uploaded: its checksums differ."

    private static let otherParts =
        "manifest.json in ./bucket lists parts of codeintel.sql that are incomplete or in the wrong order."
    private static let otherText = "manifest.json in ./bucket has impossible values for codeintel.sql."

    /// codeintel is the second of three.
    static let changes = [
        Change("a row more", otherRows) { $0.databases[1].contents.tables[0].rows += 1 },
        Change("another digest", otherRows) { manifest in
            let digest = manifest.databases[1].contents.tables[0].digest
            manifest.databases[1].contents.tables[0].digest = (digest.hasPrefix("f") ? "0" : "f") + digest.dropFirst()
        },
        Change("another column", otherRows) { $0.databases[1].contents.tables[0].columns[0] += "x" },
        Change("a table less", otherRows) { $0.databases[1].contents.tables.remove(at: 1) },
        Change("a table twice", otherRows) { manifest in
            manifest.databases[1].contents.tables.append(manifest.databases[1].contents.tables[0])
        },
        Change("another number of a sequence", otherRows) { $0.databases[1].contents.sequences[0].lastValue += 1 },
        Change("a sequence less", otherRows) { $0.databases[1].contents.sequences.removeLast() },
        Change("another SHA-256", otherBytes) { manifest in
            let sum = manifest.databases[1].parts[0].object.sha256
            manifest.databases[1].parts[0].object.sha256 = sum.map { String($0.reversed()) }
        },
        Change("no SHA-256", otherBytes) { $0.databases[1].parts[0].object.sha256 = "" },
        Change("another CRC32C", otherBytes) { $0.databases[1].parts[0].object.crc32c = "AAAAAA==" },
        Change("another size", "codeintel.sql has ") { $0.databases[1].parts[0].object.size -= 1 },
        Change("the object of another database", "manifest.json in ./bucket lists primary.sql twice.") {
            $0.databases[1].parts = $0.databases[0].parts
        },
        Change("another SHA-256 of the summary", "summary.json is not what was uploaded: its checksums differ.") {
            $0.files[0].sha256 = $0.databases[0].parts[0].object.sha256
        },
        Change("a file that is not there", "notes.txt is missing.") { manifest in
            var file = manifest.files[0]
            file.name = "notes.txt"
            manifest.files.append(file)
        },
        Change("a newer format", "manifest.json has format 3; this version reads 2.") { $0.format = 3 },
        Change("a database twice", "manifest.json in ./bucket lists a database twice.") {
            $0.databases.append($0.databases[1])
        },
        Change("an older format", "manifest.json has format 1; this version reads 2.") { $0.format = 1 },
        Change("no object of a database", "manifest.json in ./bucket lists no object for codeintel.sql.") {
            $0.databases[1].parts = []
        },
        Change("the whole of a dump and a part", otherParts) { manifest in
            manifest.databases[1].parts += manifest.parts([.data], of: 1)
        },
        Change("two wholes", otherParts) { manifest in
            manifest.databases[1].parts += manifest.parts([.whole], of: 1)
        },
        Change("data before the schema", otherParts) { manifest in
            manifest.databases[1].parts = manifest.parts([.extensions, .data, .schema, .indexes], of: 1)
        },
        Change("no indexes", otherParts) { manifest in
            manifest.databases[1].parts = manifest.parts([.extensions, .schema, .data], of: 1)
        },
        Change("an object twice", "manifest.json in ./bucket lists 0-codeintel.sql twice.") { manifest in
            manifest.databases[1].parts = manifest.parts([.extensions, .schema, .data, .indexes], of: 1)
            manifest.databases[1].parts[2].object.name = "0-codeintel.sql"
        },
        Change("text added to a whole dump", otherText) { $0.databases[1].parts[0].prologue = 1 },
        Change("text less than none", otherText) { $0.databases[1].parts[0].epilogue = -1 },
        Change("more text added than there is", "has impossible values for 2-codeintel.sql.") { manifest in
            manifest.databases[1].parts = manifest.parts([.extensions, .schema, .data, .indexes], of: 1)
            manifest.databases[1].parts[2].prologue = 1 << 20
            manifest.databases[1].parts[2].object.size = 1 << 20
            manifest.databases[1].parts[2].epilogue = 1
        },
        Change("far more text added than ever is", "has impossible values for 2-codeintel.sql.") { manifest in
            manifest.databases[1].parts = manifest.parts([.extensions, .schema, .data, .indexes], of: 1)
            manifest.databases[1].parts[2].object.size = .max
            manifest.databases[1].parts[2].prologue = .max
        },
    ]

    @Test(arguments: changes)
    func changeIsFound(change: Change) async throws {
        try workplace.changeManifest(change.apply)
        try await isRefused(change.sentence)
    }

    @Test(arguments: ["../x", "/etc/passwd", ".hidden", "..", ".", "", "a/b", "codeintel.sql/"])
    func nameThatLeadsElsewhereIsRefused(name: String) async throws {
        try workplace.folder.write("x", "outside")
        try workplace.folder.write("bucket/.hidden", "inside")
        try workplace.changeManifest { $0.databases[1].parts[0].object.name = name }
        try await isRefused("`\(name)` is not a valid object name.")
    }

    @Test func nameOfAFileThatLeadsElsewhereIsRefused() async throws {
        try workplace.folder.write("x", "outside")
        try workplace.changeManifest { $0.files[0].name = "../x" }
        try await isRefused("`../x` is not a valid object name.")
    }

    @Test(arguments: ["", "x", "[]", "{}", "null", "{\"format\": 2}", "{\"format\":", "\u{FEFF}{}", "\0"])
    func textThatIsNoManifestIsRefused(text: String) async throws {
        try workplace.folder.write("bucket/manifest.json", text)
        try await isRefused("manifest.json in ./bucket is not valid.")
    }

    @Test func cutManifestIsRefused() async throws {
        let text = try workplace.folder.text("bucket/manifest.json")
        try workplace.folder.write("bucket/manifest.json", String(text.prefix(text.count / 2)))
        try await isRefused("manifest.json in ./bucket is not valid.")
    }

    @Test func newerFormatIsToldWhateverElseHasChanged() async throws {
        let text = "{\"format\": 7, \"createdBy\": \"MigrationKit 3\\u001b[2J\", \"objects\": []}"
        try workplace.folder.write("bucket/manifest.json", text)
        let refused = try await workplace.snapshot("verify", "-bucket=./bucket")
        #expect(refused.exit == 4)
        #expect(refused.errors.contains("manifest.json has format 7; this version reads 2."), "\(refused.errors)")
        #expect(!refused.errors.contains("\u{1B}"))
    }

    @Test func databaseThatIsNotKnownIsRefused() async throws {
        let text = try workplace.folder.text("bucket/manifest.json")
        let changed = text.replacing("\"database\" : \"codeintel\"", with: "\"database\" : \"gitserver\"")
        #expect(changed != text)
        try workplace.folder.write("bucket/manifest.json", changed)
        try await isRefused("manifest.json in ./bucket is not valid.")
    }

    @Test func bucketWithoutManifestIsNotComplete() async throws {
        try workplace.folder.remove("bucket/manifest.json")
        let refused = try await workplace.snapshot("verify", "-bucket=./bucket")
        #expect(refused.exit == 4)
        #expect(refused.errors.contains("./bucket has no manifest.json: the snapshot is not complete."))
        #expect(refused.errors.contains("It has codeinsights.sql, codeintel.sql, primary.sql, summary.json."))
    }
}

extension SnapshotManifest {
    /// Parts of these kinds, each another object; none of them is there.
    fileprivate func parts(_ kinds: [DumpPart.Kind], of database: Int) -> [DumpPart] {
        kinds.enumerated().map { number, kind in
            var part = databases[database].parts[0]
            part.kind = kind
            part.object.name = "\(number)-\(part.object.name)"
            return part
        }
    }
}

extension Workplace {
    /// Changes the manifest in the bucket here.
    func changeManifest(_ change: (inout SnapshotManifest) throws -> Void) throws {
        var manifest = try JSONDecoder().decode(SnapshotManifest.self, from: folder.bytes("bucket/manifest.json"))
        try change(&manifest)
        try folder.write("bucket/manifest.json", try JSONEncoder().encode(manifest))
    }
}
