package import FakeServer
import Foundation
import TestSupport

/// Backups are copies of all files of the instance's own PostgreSQL, taken while it runs.
extension FakeCloudSQL {
    /// A backup that is kept.
    package struct Backup: Sendable {
        /// The number by which it is asked for.
        package var id: String
        /// As it was asked for.
        package var description: String?

        fileprivate var json: AnyJSON {
            var fields: [String: AnyJSON] = [
                "kind": "sql#backupRun", "id": .string(id), "status": "SUCCESSFUL", "type": "ON_DEMAND",
                "endTime": "2026-11-20T10:11:12.345Z", "maxChargeableBytes": "5368709120",
            ]
            fields["description"] = description.map { .string($0) }
            return .object(fields)
        }
    }

    /// The newest first.
    package func listBackups() -> FakeResponse {
        .json(body: ["kind": "sql#backupRunsList", "items": .array(record.backups.reversed().map(\.json))])
    }

    package func deleteBackup(_ request: Request) -> FakeResponse {
        let id = request.pieces.last ?? ""
        guard record.backups.contains(where: { $0.id == id }) else {
            return Self.failure(404, "backupRunDoesNotExist", "The backup run does not exist.")
        }
        guard let name = reserve("DELETE_VOLUME", request) else { return Self.isBusy }
        state.change { $0.record.backups.removeAll { $0.id == id } }
        return acceptDone(name, request)
    }

    /// The backup is taken at once; what the operation then shows is how Google tells of it.
    package func insertBackup(_ request: Request) async -> FakeResponse {
        guard let name = reserve("BACKUP_VOLUME", request) else { return Self.isBusy }
        guard plannedFailure(of: name) == nil else { return acceptDone(name, request) }
        let id = state.change { "\(1_767_300_000_000 + $0.record.backups.count)" }
        do {
            try await cluster.backUp(as: id)
        } catch {
            withdraw(name)
            violate("the fake's own backup: \(error)")
            return Self.failure(500, "internalError", "\(error)")
        }
        state.change { state in
            state.record.backups.append(Backup(id: id, description: request.body?["description"]?.string))
            if let index = state.index(of: name) { state.record.operations[index].backup = id }
        }
        return acceptDone(name, request)
    }

    /// All databases become what they were, those that were made since are gone, and so is every session.
    package func restoreBackup(_ request: Request) -> FakeResponse {
        guard let context = request.body?["restoreBackupContext"]?.object, let id = context["backupRunId"]?.string
        else {
            // Backups by their names are those of other instances, too, which are not emulated.
            violate("instances.restoreBackup: no restoreBackupContext.backupRunId")
            return Self.failure(400, "required", "Missing parameter: restoreBackupContext.")
        }
        let isOwn =
            context["instanceId"] ?? "" == .string(instance.name)
            && context["project"] ?? .string(instance.project) == .string(instance.project)
        // Status and text are assumed.
        guard isOwn, record.backups.contains(where: { $0.id == id }) else {
            return Self.failure(404, "backupRunDoesNotExist", "The backup run does not exist.")
        }
        guard instance.state == "RUNNABLE" else { return Self.isNotRunnable }
        guard let name = reserve("RESTORE_VOLUME", request) else { return Self.isBusy }
        let response = accept(name, request)
        let task = Task { await runRestore(name, of: id) }
        state.change { $0.work.append(task) }
        return response
    }

    /// Loses all backups, as if somebody had deleted them.
    package func forgetBackups() { state.change { $0.record.backups = [] } }

    private func runRestore(_ name: String, of id: String) async {
        state.change { if let index = $0.index(of: name) { $0.record.operations[index].start() } }
        await waitForRelease(of: name, at: 0)
        if let failure = plannedFailure(of: name) { return finish(name, failure) }
        change { $0.state = "MAINTENANCE" }
        var failure: Operation.Failure?
        do {
            try await cluster.restore(id)
        } catch {
            failure = Operation.Failure(code: "INTERNAL_ERROR", message: "\(error)")
            violate("the fake's own restore: \(error)")
        }
        change { $0.state = "RUNNABLE" }
        finish(name, failure)
    }
}
