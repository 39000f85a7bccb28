import Foundation

/// The stand-in of a Sourcegraph instance that tests use, as a program: for a rehearsal from a shell.
///
///     rehearsal-instance VERSION
///
/// It prints its address and a site admin's token, and ends with its standard input.
@main
struct RehearsalInstance {
    static func main() async throws {
        let instance = FakeInstance(version: CommandLine.arguments.dropFirst().first ?? "5.1.8")
        let server = try await FakeSourcegraph(instance)
        print("\(server.endpoint) \(server.token)")
        fflush(nil)
        while readLine() != nil {}
        await server.stop()
    }
}
