/// A database beside those that an import drops: what the import needs of the server is tried there first, in the way in
/// which it is done later. It is dropped again.
struct ScratchDatabase: Sendable {
    /// Makes it, as databases are created again.
    let make: @Sendable () async throws -> Void
    /// Drops it.
    let drop: @Sendable () async throws -> Void

    /// Runs `body` while it is there.
    func with<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        try await make()
        let result: Result<Value, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        do { try await drop() } catch {
            // What has failed before says more.
            _ = try result.get()
            throw error
        }
        return try result.get()
    }

    /// What an import does in a database before its rows come: it makes tables, and the extensions that the dumps need.
    ///
    /// Those that the server does not offer are left out: ``DestinationState/check(_:_:)`` tells of them.
    static func trial(of extensions: [RequiredExtension], on state: DestinationState) -> [String] {
        // The schemas are the dump's, which is not here.
        let names = Set(extensions.map(\.name)).intersection(state.availableExtensions).sorted()
        return ["CREATE TABLE IF NOT EXISTS public.mi_migrate ()"]
            + names.map { RequiredExtension(name: $0, schema: nil).creation }
    }
}
