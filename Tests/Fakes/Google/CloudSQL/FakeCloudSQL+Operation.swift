import Foundation
package import TestSupport

extension FakeCloudSQL {
    /// Something that takes its time.
    package struct Operation: Sendable {
        package enum Status: String, Sendable {
            case pending = "PENDING"
            case running = "RUNNING"
            case done = "DONE"
        }

        package struct Failure: Sendable, Equatable {
            package var code: String
            package var message: String
        }

        package var name: String
        /// Such as `IMPORT`.
        package var type: String
        package var status = Status.pending
        /// How it failed.
        package var error: Failure?
        /// The address of its token's holder.
        package var user: String
        package var insertTime = Self.now
        package var startTime: String?
        package var endTime: String?
        /// As it was asked for.
        package var importContext: AnyJSON?
        /// The database that it is about.
        package var database: String?
        /// The number of the backup that it has taken.
        package var backup: String?
        /// What happens to it; nil: nobody has looked yet.
        package var faults: [OperationFault]?

        /// Until then it is a reservation: the request may yet be refused.
        package var isAccepted = false
        /// Its work is over; it is said to run for so many looks.
        package var isOver = false
        package var looksLeft = 0
        /// Whoever holds it has let it go.
        package var isReleased = false
        package var isCancelled = false
        package var looks = 0
        package var listsLeft = 0

        /// The object's, of imports.
        package var uri: String? { importContext?["uri"]?.string }

        package var isForgotten: Bool {
            (faults ?? []).contains { if case .forgotten(let limit) = $0 { looks > limit } else { false } }
        }

        package static var now: String { Date().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)) }

        package mutating func start() {
            guard status == .pending else { return }
            (status, startTime) = (.running, Self.now)
        }

        package mutating func end(_ error: Failure?) {
            guard !isOver else { return }
            start()
            (isOver, self.error) = (true, error)
            settle()
        }

        /// Ends it, if it has been said to run often enough.
        package mutating func settle() {
            guard isOver, status != .done, looksLeft == 0 else { return }
            (status, endTime) = (.done, Self.now)
        }

        /// Somebody looks at it, or runs into it.
        package mutating func look() {
            settle()
            if isOver, looksLeft > 0 { looksLeft -= 1 }
        }

        package func json(_ instance: Instance) -> AnyJSON {
            let place = "https://sqladmin.googleapis.com/v1/projects/\(instance.project)"
            var fields: [String: AnyJSON] = [
                "kind": "sql#operation", "name": .string(name), "operationType": .string(type),
                "status": .string(status.rawValue), "user": .string(user), "insertTime": .string(insertTime),
                "targetId": .string(instance.name), "targetProject": .string(instance.project),
                "targetLink": .string("\(place)/instances/\(instance.name)"),
                "selfLink": .string("\(place)/operations/\(name)"),
            ]
            fields["startTime"] = startTime.map { .string($0) }
            fields["endTime"] = endTime.map { .string($0) }
            fields["importContext"] = importContext
            // When Google tells of it is assumed.
            fields["backupContext"] = backup.map { ["kind": "sql#backupContext", "backupId": .string($0)] }
            if status == .done, let error {
                let one: AnyJSON = [
                    "kind": "sql#operationError", "code": .string(error.code), "message": .string(error.message),
                ]
                fields["error"] = ["kind": "sql#operationErrors", "errors": [one]]
            }
            return .object(fields)
        }
    }
}
