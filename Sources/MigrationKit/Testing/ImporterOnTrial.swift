import MigrationKit
import NIOCore

/// An importer with a bucket, and the database in which it shows what it does.
struct ImporterOnTrial: Sendable {
    let importer: any DatabaseImporter
    let store: any ObjectStore
    let database: Database

    /// A new step each time: an importer does not repeat what it has done for the same one.
    func step(_ step: MigrationStep?) -> JournaledStep {
        JournaledStep(step, .database(database), detail: "\(UInt32.random(in: .min ... .max))")
    }

    func reset() async throws {
        try await importer.reset(database, terminatingConnections: false, for: step(.reset))
    }

    /// Puts a dump into the bucket: of one table, with rows in the text format of COPY.
    func put(_ rows: [String]) async throws -> SnapshotManifest.DatabaseEntry {
        var (pass, rewritten) = (DumpPass(profile: .cloudSQL), ByteBuffer())
        try pass.transform(ByteBuffer(string: Self.dump(of: rows)), into: &rewritten)
        let report = try pass.finish(into: &rewritten)
        // A bucket may be write-once.
        let name = "promise-\(UInt32.random(in: .min ... .max)).sql"
        let size = Int64(rewritten.readableBytes)
        try await store.put(name, .once(rewritten))
        let object = StoredObject(name: name, size: size, crc32c: report.crc32c.base64)
        return SnapshotManifest.DatabaseEntry(
            database: database, profile: .cloudSQL, parts: [.whole(object)], contents: report.contents)
    }

    func load(_ dump: SnapshotManifest.DatabaseEntry) async throws {
        for load in DumpLoad.all(of: [dump], byPart: false, areRewritten: true) {
            try await importer.load(load, from: store, for: step(.load)) { _, _ in }
        }
    }

    /// Compares the database with a dump.
    func proof(of dump: SnapshotManifest.DatabaseEntry) async throws -> ContentProof {
        let found = try await importer.contents(of: database, as: dump.contents) { _, _ in }
        return ContentProof(
            database: database, dumped: dump.contents, imported: found, countsOnly: !importer.provesContents)
    }

    /// Throws unless the importer tells that the database holds exactly the dump.
    func requireContents(of dump: SnapshotManifest.DatabaseEntry) async throws {
        let proof = try await proof(of: dump)
        try DatabaseImporterPromise.require(proof.isEqual, "The contents are not as dumped: \(proof.differences).")
    }

    private static func dump(of rows: [String]) -> String {
        """
        --
        -- PostgreSQL database dump
        --

        SET client_encoding = 'UTF8';
        SET standard_conforming_strings = on;

        CREATE TABLE public.promised (
            id bigint NOT NULL,
            body text
        );

        COPY public.promised (id, body) FROM stdin;
        \((rows + [#"\."#]).joined(separator: "\n"))

        ALTER TABLE ONLY public.promised
            ADD CONSTRAINT promised_pkey PRIMARY KEY (id);

        --
        -- PostgreSQL database dump complete
        --


        """
    }
}
