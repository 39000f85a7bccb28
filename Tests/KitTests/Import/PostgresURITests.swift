import Testing

@testable import MigrationKit
@testable import MigrationKitBase

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

    @Test func sessionsMayActAsAnotherRole() throws {
        let uri = try PostgresURI("postgres://admin@h/postgres").acting(as: #"odd \role"#)
        let command = uri.psql([])
        let options = command.environment.first { $0.name == "PGOPTIONS" }
        #expect(options?.value.revealed == #"-c role=odd\ \\role"#)
        #expect(!command.unsetting.contains("PGOPTIONS"))
        #expect(try PostgresURI("postgres://admin@h/postgres").psql([]).unsetting.contains("PGOPTIONS"))
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

    /// What a password in a URI has to be written otherwise for: the rest of it would be taken for the host, and shown.
    @Test(arguments: [
        "postgres://admin:hunter#ter2@127.0.0.1:5432/postgres", "postgres://admin:1234#ter2@h", "postgres://a@h/d#ter2",
        "postgres://admin:hunter/ter2@127.0.0.1:5432/postgres", "postgres://admin:8765/ter2@h/postgres",
        "postgres://admin:hunter?ter2@127.0.0.1:5432/postgres", "postgres://admin:1234?ter2@h/postgres",
        "postgres://admin:hunter@ter2@h/postgres", "postgres://admin:p@hunter/w#ter2@127.0.0.1:5432/postgres",
        "postgres://admin:hunter:ter2", "postgres://admin:hunter2@h:ter2/d", "postgres://a:1@h:70000/hunter",
        "postgres://a@[::1]:ter2/d",
    ])
    func passwordThatCutsTheURIApartIsRefusedUnseen(text: String) throws {
        let error = try #require(throws: MigrationError.self) { try PostgresURI(text) }
        #expect(error.code == .usage)
        #expect(!error.description.contains("hunter") && !error.description.contains("ter2"), "\(error)")
        #expect(error.next?.hasPrefix("Percent-encode what the password has (# is %23") == true, "\(error)")
        #expect(error.next?.contains("PGPASSWORD") == true)
    }

    @Test func encodedPasswordIsTaken() throws {
        let uri = try PostgresURI("postgres://admin:p%40ss%2Fw%23rd%3Ax@127.0.0.1:55602/postgres?user=a@b")
        #expect(uri.password?.revealed == "p@ss/w#rd:x")
        #expect(uri.serverName == "127.0.0.1:55602")
        #expect(uri.user == "a@b")
    }

    @Test func severalHostsAreNoPassword() {
        let error = #expect(throws: MigrationError.self) { try PostgresURI("postgres://a@h:1,h:2/postgres") }
        #expect(error?.message == "--into has several hosts.")
    }

    @Test(arguments: [
        "postgres://a@h/d?host=postgres://u:hunter2@h", "postgres://a@h/host=x%20password=hunter2",
        "postgres://a@h/d?application_name=password%3Dhunter2",
    ])
    func secretInAnotherPartIsRefusedUnseen(text: String) throws {
        let error = try #require(throws: MigrationError.self) { try PostgresURI(text) }
        #expect(error.code == .usage && !error.description.contains("hunter2"), "\(error)")
    }

    @Test func whatIsEmptyIsNotSet() throws {
        let uri = "postgres://:@h/?user=&password=&dbname="
        let variables = try environment(uri)
        #expect(variables["PGUSER"] == nil && variables["PGPASSWORD"] == nil, "\(variables)")
        #expect(variables["PGDATABASE"] == "postgres")
        #expect(variables.allSatisfy { !$0.value.isEmpty })
    }

    @Test(arguments: ["sslmode", "channel_binding", "target_session_attrs"])
    func parameterWithoutAValueIsNamed(parameter: String) {
        let error = #expect(throws: MigrationError.self) { try PostgresURI("postgres://a@h/d?\(parameter)=") }
        #expect(error?.code == .usage && error?.message == "--into has the parameter `\(parameter)` without a value.")
    }

    @Test func unknownParameterIsNamed() {
        #expect { try PostgresURI("postgres://a@h/d?sslmod=require") } throws: { error in
            (error as? MigrationError)?.message.contains("`sslmod`") == true
        }
    }
}
