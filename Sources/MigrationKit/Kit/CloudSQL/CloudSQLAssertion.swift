internal import MigrationKitFoundation

/// A question to a database that can only be sent files of SQL: the answer comes as the error that the file ends with.
///
/// It is marked at both ends, so that nothing else is taken for it and no cut goes unseen, and in base64, so that
/// nothing on its way changes it. The mark is put together by the server: where the file itself is shown, it is not in
/// it.
struct CloudSQLAssertion: Sendable {
    /// The file.
    let sql: String
    /// What stands before and behind the answer.
    let mark: String

    /// Asks for one value of JSON.
    ///
    /// - Parameters:
    ///   - question: A query for one value.
    ///   - preparation: What is done before it; it stays.
    init(_ question: String, after preparation: String = "") {
        self.init(body: "answer := (\(question))::text;", preparation: preparation)
    }

    /// - Parameters:
    ///   - body: PL/pgSQL that puts the answer into `answer`.
    ///   - declarations: What else it declares.
    init(body: String, declarations: String = "", preparation: String = "") {
        let nonce = String(UInt64.random(in: .min ... .max), radix: 36)
        mark = "mi-migrate-\(nonce):"
        sql = """
            SET client_encoding = 'UTF8'; SET standard_conforming_strings = on; SET search_path = '';
            SET statement_timeout = 0; SET lock_timeout = 0; SET row_security = off;
            \(preparation)
            DO $mi_\(nonce)$
            DECLARE answer text; \(declarations)
            BEGIN
              \(body)
              RAISE EXCEPTION USING MESSAGE = 'mi-migrate' || '-\(nonce):'
                || translate(encode(convert_to(answer, 'UTF8'), 'base64'), E'\\n', '') || 'mi-migrate' || '-\(nonce):';
            END $mi_\(nonce)$;

            """
    }

    /// Reads the answer from the failure of the import.
    ///
    /// - Throws: ``MigrationError`` if there is none, or not all of it.
    func answer<Value: Decodable>(_ type: Value.Type, in failure: CloudSQLFailure) throws -> Value {
        guard let text = failure.answer(marked: mark) else {
            guard failure.isCut(marked: mark) else {
                throw MigrationError(
                    .failed, "Querying Cloud SQL through a small import failed: \(failure.message)",
                    next: failure.isTransient ? "Run the same command again." : nil, details: failure.details)
            }
            throw MigrationError(
                .failed, "Cloud SQL truncated the result of a query.",
                next: "Pass --connection: queries then go to the database directly.")
        }
        guard let bytes = Data(base64Encoded: text, options: .ignoreUnknownCharacters),
            let value = try? JSONText.decode(type, from: Array(bytes))
        else {
            throw MigrationError(
                .failed, "The result of a query to Cloud SQL cannot be read: it was altered on the way.",
                next: "Run the same command again. If that does not help, pass --connection.")
        }
        return value
    }
}
