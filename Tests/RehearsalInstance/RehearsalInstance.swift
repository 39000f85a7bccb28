import FakeSourcegraph
import Foundation

/// The stand-in of a Sourcegraph instance that tests use, as a program: for a rehearsal from a shell.
///
///     rehearsal-instance VERSION SITE-ID
///
/// It prints its address and a site admin's token, and ends with its standard input.
@main
struct RehearsalInstance {
    static func main() async throws {
        guard CommandLine.arguments.count == 3 else { fatalError("usage: rehearsal-instance VERSION SITE-ID") }
        var instance = FakeInstance(version: CommandLine.arguments[1])
        instance.siteID = CommandLine.arguments[2]
        let server = try await FakeSourcegraph(instance)
        print("\(server.endpoint) \(server.token)")
        fflush(nil)
        while readLine() != nil {}
        await server.stop()
    }
}
