import Testing

@testable import MigrationKit

@Suite struct PostgresURITests {
    private func environment(_ uri: String, database: String? = nil) throws -> [String: String] {
        let command = try PostgresURI(uri).psql(database: database, [])
        return Dictionary(command.environment.map { ($0.name, $0.value.revealed) }) { first, _ in first }
    }

    @Test func partsBecomeVariablesOfTheEnvironment() throws {
        let variables = try environment("postgres://admin:p%40ss@db.example.com:6543/maintenance?sslmode=require")
        #expect(variables["PGHOST"] == "db.example.com")
        #expect(variables["PGPORT"] == "6543")
        #expect(variables["PGUSER"] == "admin")
        #expect(variables["PGPASSWORD"] == "p@ss")
        #expect(variables["PGDATABASE"] == "maintenance")
        #expect(variables["PGSSLMODE"] == "require")
        #expect(variables["PGTZ"] == "UTC")
    }

    @Test func passwordIsNeverAnArgument() throws {
        let command = try PostgresURI("postgres://admin:hunter2@h/postgres").psql(["--file=-"])
        #expect(!command.arguments.joined().contains("hunter2"))
        #expect(!command.maskedLine.contains("hunter2"))
    }

    @Test func withoutPasswordNoneIsSet() throws {
        #expect(try environment("postgres://admin@h/postgres")["PGPASSWORD"] == nil)
    }

    @Test func socketFolderMayBeTheHost() throws {
        #expect(try environment("postgresql:///postgres?host=/run/postgresql")["PGHOST"] == "/run/postgresql")
    }

    @Test func ipv6AddressLosesItsBrackets() throws {
        #expect(try environment("postgres://a@[::1]:5432/postgres")["PGHOST"] == "::1")
    }

    @Test func databaseMayBeChosenLater() throws {
        #expect(try environment("postgres://a@h", database: "pgsql")["PGDATABASE"] == "pgsql")
        #expect(try environment("postgres://a@h")["PGDATABASE"] == "postgres")
    }

    @Test(arguments: ["mysql://a@h/d", "db.example.com", "", "postgres://a:se cret@h:port/d"])
    func whatIsNoURIIsAUsageErrorThatDoesNotRepeatIt(text: String) {
        #expect { try PostgresURI(text) } throws: { error in
            let error = error as? MigrationError
            return error?.code == .usage && error?.description.contains("se cret") == false
        }
    }

    @Test func unknownParameterIsNamed() {
        #expect { try PostgresURI("postgres://a@h/d?sslmod=require") } throws: { error in
            (error as? MigrationError)?.message.contains("`sslmod`") == true
        }
    }
}
