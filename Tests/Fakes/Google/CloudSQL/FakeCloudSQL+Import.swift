package import FakeServer
import Foundation
import MigrationKitBase
import NIOCore
import TestSupport

extension FakeCloudSQL {
    /// What is refused at once; all else is told by the operation.
    package func startImport(_ request: Request) async -> FakeResponse {
        guard let context = request.body?["importContext"]?.object else {
            return Self.failure(400, "required", "Missing parameter: importContext.")
        }
        let object: (bucket: String, name: String)
        switch Self.target(of: context) {
        case .success(let found): object = found
        case .failure(let problem):
            // Texts are assumed. Nothing here is for the server to find out.
            violate("instances.import: \(problem.text)")
            return Self.failure(400, "invalid", "Invalid request: \(problem.text).")
        }
        guard instance.state == "RUNNABLE" else { return Self.isNotRunnable }
        let database = context["database"]?.string ?? ""
        guard let name = reserve("IMPORT", request, database: database) else { return Self.isBusy }
        let (isReadable, bytes) = (mayRead(object.bucket), storage.object(object.bucket, object.name)?.bytes)
        guard isReadable else {
            withdraw(name)
            return Self.isNotReadable
        }
        guard let bytes else {
            withdraw(name)
            // Status and text are assumed.
            return Self.failure(404, "notFound", "The Google Cloud Storage object does not exist.")
        }
        guard (try? await hasDatabase(database)) == true else {
            withdraw(name)
            // Status and text are assumed.
            return Self.failure(400, "invalid", "Invalid request: database \(database) does not exist.")
        }
        let response = accept(name, request)
        let task = Task { await runImport(name, bytes, user: context["importUser"]?.string) }
        state.change { $0.work.append(task) }
        return response
    }

    private struct Problem: Error { var text: String }

    private static func target(of context: [String: AnyJSON]) -> Result<(bucket: String, name: String), Problem> {
        guard let uri = context["uri"]?.string, let match = uri.wholeMatch(of: /gs:\/\/([^\/]+)\/(.+)/) else {
            return .failure(Problem(text: "uri is not gs://bucket/object"))
        }
        guard context["fileType"] == "SQL" else { return .failure(Problem(text: "fileType is not SQL")) }
        guard context["database"]?.string?.isEmpty == false else { return .failure(Problem(text: "no database")) }
        // An import of a folder needs another form of dump, which is not emulated.
        let inner = context["sqlImportOptions"]?["postgresImportOptions"]?.object ?? [:]
        let outer = context["sqlImportOptions"]?.object?.filter { $0.key != "postgresImportOptions" } ?? [:]
        guard inner.merging(outer, uniquingKeysWith: { $1 }).values.allSatisfy({ $0 == false }) else {
            return .failure(Problem(text: "options of a parallel import with a file"))
        }
        return .success((String(match.1), String(match.2)))
    }

    private func mayRead(_ bucket: String) -> Bool {
        state.change { state in
            guard let readers = state.readers else { return true }
            return readers[bucket]?.contains(state.instance.serviceAccountEmailAddress) == true
        }
    }

    private func runImport(_ name: String, _ bytes: ByteBuffer, user: String?) async {
        guard let operation = operation(name) else { return }
        state.change { if let index = $0.index(of: name) { $0.record.operations[index].start() } }
        if let failure = plannedFailure(of: name) {
            await waitForRelease(of: name, at: 0)
            return finish(name, failure)
        }
        var text = bytes
        if operation.uri?.hasSuffix(".gz") == true {
            do {
                text = try await Gzip.decompressed(bytes, limit: 1 << 30, name: "the dump")
            } catch {
                // The code and text are assumed.
                return finish(name, Operation.Failure(code: "ERROR_RDBMS", message: "gzip: invalid header"))
            }
        }
        let run = ImportRun(fake: self, operation: operation, user: user ?? Self.systemUser, isDefaultUser: user == nil)
        let failure: Operation.Failure?
        do {
            failure = try await run.load(text)
        } catch {
            failure = Operation.Failure(code: "INTERNAL_ERROR", message: "\(error)")
        }
        // Whoever sees the end may drop the database at once.
        await waitForSessions("application_name = '\(ImportRun.application)'", seconds: 100)
        finish(name, failure)
    }

    /// Returns when nobody holds an operation here, or all is over for it.
    package func waitForRelease(of name: String, at place: Int) async {
        let isInTime = await state.wait { state in
            guard let index = state.index(of: name), !state.isStopping else { return true }
            let operation = state.record.operations[index]
            let isHeld = operation.faults?.contains(.held(afterBytes: place)) == true
            return !isHeld || operation.isReleased || operation.isCancelled
        }
        if !isInTime { violate("operation \(name) is held for \(Waiting.limit)") }
    }

    /// Returns when an operation is cancelled, the fake is to stop, or it takes too long.
    package func waitForEnd(of name: String) async {
        let isInTime = await state.wait { state in
            guard let index = state.index(of: name) else { return true }
            return state.isStopping || state.record.operations[index].isCancelled
        }
        if !isInTime { violate("operation \(name) is not over within \(Waiting.limit)") }
    }
}
