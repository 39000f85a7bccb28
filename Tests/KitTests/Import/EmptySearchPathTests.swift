import Testing

@testable import MigrationKit
@testable import MigrationKitBase

/// A name without a schema is found in what servers say in any language, and in what Google hands on without an SQLSTATE.
@Suite struct EmptySearchPathTests {
    private static let context = "CONTEXT:  PL/pgSQL-Funktion public.slug(text) Zeile 1 bei RETURN"

    private func remedy(_ message: String, _ sqlState: String?, _ details: [String] = [context]) -> String? {
        var error = MigrationError(.failed, "db:5432 refused primary.sql:12: \(message)", details: details)
        error.sqlState = sqlState
        return EmptySearchPath.remedy(for: error)
    }

    @Test(arguments: [
        ("ERROR:  type \"citext\" does not exist", "42704"), ("FEHLER:  Typ »citext« existiert nicht", "42704"),
        ("ERREUR:  le type « citext » n'existe pas", "42704"), ("ERROR:  型\"citext\"は存在しません", "42704"),
        ("FEHLER:  Relation »pages« existiert nicht", "42P01"),
        ("FEHLER:  Funktion slug(text) existiert nicht", "42883"), ("ERROR:  関数slug(text)は存在しません", "42883"),
    ])
    func functionsGetAPath(message: String, sqlState: String) {
        #expect(remedy(message, sqlState)?.contains("SET search_path = public") == true)
        #expect(remedy(message, sqlState, []) == nil, "pg_dump itself leaves out no schema")
    }

    @Test(arguments: [
        "ERROR:  operator does not exist: public.hstore = public.hstore",
        "FEHLER:  Operator existiert nicht: public.hstore = public.hstore",
    ])
    func operatorsOfTriggersAreDropped(message: String) {
        #expect(remedy(message, "42883", [])?.contains("drop it at the source") == true)
    }

    @Test(arguments: [
        ("FEHLER:  Relation »public.pages« existiert nicht", "42P01"),
        ("FEHLER:  Funktion public.slug(text) existiert nicht", "42883"),
        ("FEHLER:  Division durch Null", "22012"), ("ERROR:  relation \"public.pages\" does not exist", nil),
    ])
    func otherErrorsHaveOtherRemedies(message: String, sqlState: String?) { #expect(remedy(message, sqlState) == nil) }

    @Test func googleTellsNoSQLSTATE() {
        #expect(remedy("ERROR:  type \"citext\" does not exist", nil)?.contains("SET search_path = public") == true)
        #expect(remedy("ERROR:  operator does not exist: a = b", nil)?.contains("drop it at the source") == true)
    }
}
