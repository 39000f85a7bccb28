internal import NIOCore

/// The text that is added to the parts of a dump, so that each is a plain dump by itself, and is imported exactly once.
///
/// A part is one transaction, which notes the part's name in a table. Imported a second time, it fails with the name;
/// cut off in its middle, which psql takes for an end, it leaves nothing, and the last part, which asks for the names of
/// all the others, says that it is missing.
package struct SplitText: Sendable {
    /// The schema that is there from the first part to the last. A dump that has one of that name cannot be split.
    package static let schema = "mi_migrate"

    /// What the dump says of the versions it was made by, a comment line each.
    var versions: [[UInt8]] = []
    /// The key of an open `\restrict`.
    var restrictKey: String?
    var settings = SessionSettings()

    private static let trailer = "\n--\n-- PostgreSQL database dump complete\n--\n\n"

    // MARK: Heads

    private func head(_ name: String, _ kind: DumpPart.Kind) -> ByteBuffer {
        var text = ByteBuffer(string: "--\n-- PostgreSQL database dump\n--\n\n")
        for line in versions { text.writeBytes(Array("--".utf8) + line + [.lineFeed]) }
        text.writeString("-- \(name), a part of a dump: import all its parts, in the order of their names.\n\n")
        guard kind != .extensions else { return text }
        if let restrictKey { text.writeString("\\restrict \(restrictKey)\n\n") }
        text.writeBytes(settings.text)
        text.writeString("BEGIN;\n")
        return text
    }

    static func note(_ name: String) -> String {
        "INSERT INTO \(schema).parts VALUES (\(name.quotedAsLiteral));\n"
    }

    /// All of the part that makes the extensions.
    func extensions(_ name: String, _ extensions: [RequiredExtension]) -> ByteBuffer {
        var text = head(name, .extensions)
        for one in extensions { text.writeString("\(one.creation);\n") }
        text.writeString(Self.trailer)
        return text
    }

    /// What stands before the schema.
    func beforeSchema(_ name: String) -> ByteBuffer {
        var text = head(name, .schema)
        text.writeString("CREATE SCHEMA \(Self.schema);\n")
        text.writeString("CREATE TABLE \(Self.schema).parts (name text PRIMARY KEY);\n\(Self.note(name))\n")
        return text
    }

    /// What stands before rows.
    ///
    /// - Parameter copy: The COPY that goes on in this part.
    func beforeData(_ name: String, _ copy: OpenCopy?) -> ByteBuffer {
        var text = head(name, .data)
        text.writeString("\(Self.note(name))\n")
        if let copy { text.writeBytes(copy.statement + copy.lineEnd) }
        return text
    }

    /// What stands before the last part. Nobody else is at work while it is imported by itself, so it takes its share of
    /// the server's memory for building indexes; what the server has is known only there.
    ///
    /// - Parameter parts: Those that have to be imported by then.
    func beforeIndexes(_ name: String, _ parts: [String]) -> ByteBuffer {
        var text = head(name, .indexes)
        let names = parts.map(\.quotedAsLiteral).joined(separator: ",\n        ")
        text.writeString(
            """
            DO $mi_migrate$
            DECLARE
                wanted text[] := ARRAY[
                    \(names)
                ];
                found text;
            BEGIN
                SELECT pg_catalog.string_agg(name, ', ' ORDER BY name) INTO found
                FROM pg_catalog.unnest(wanted) AS name WHERE name NOT IN (SELECT parts.name FROM \(Self.schema).parts);
                IF found IS NOT NULL THEN
                    RAISE EXCEPTION 'These parts of the dump are not imported, or not to their end: %', found;
                END IF;
                SELECT pg_catalog.string_agg(name, ', ' ORDER BY name) INTO found
                FROM \(Self.schema).parts WHERE name <> ALL (wanted);
                IF found IS NOT NULL THEN
                    RAISE EXCEPTION 'These parts are imported, and not of this dump: %', found;
                END IF;
                PERFORM pg_catalog.set_config('maintenance_work_mem', greatest(
                    pg_catalog.pg_size_bytes(pg_catalog.current_setting('maintenance_work_mem')),
                    least(pg_catalog.pg_size_bytes(pg_catalog.current_setting('shared_buffers')) / 8, 1073741824)
                ) / 1024 || 'kB', true);
            END
            $mi_migrate$;


            """)
        return text
    }

    // MARK: Ends

    /// What stands behind a part.
    ///
    /// - Parameter copy: The COPY that the part has been cut in.
    func end(of kind: DumpPart.Kind, _ copy: OpenCopy? = nil) -> ByteBuffer {
        var text = ByteBuffer()
        if let copy { text.writeBytes(Array("\\.".utf8) + copy.lineEnd) }
        text.writeString("\n")
        if kind == .indexes { text.writeString("DROP TABLE \(Self.schema).parts;\nDROP SCHEMA \(Self.schema);\n") }
        text.writeString("COMMIT;\n\(Self.trailer)")
        if let restrictKey { text.writeString("\\unrestrict \(restrictKey)\n\n") }
        return text
    }
}

/// A COPY whose rows are passing.
struct OpenCopy: Sendable, Hashable {
    /// The statement, to its `;`.
    var statement: [UInt8]
    /// How its lines end.
    var lineEnd: [UInt8] = [.lineFeed]
}
