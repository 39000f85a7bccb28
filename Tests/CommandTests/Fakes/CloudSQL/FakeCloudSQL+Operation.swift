import Foundation

extension FakeCloudSQL {
    /// Something that takes its time.
    struct Operation: Sendable {
        enum Status: String, Sendable {
            case pending = "PENDING"
            case running = "RUNNING"
            case done = "DONE"
        }

        struct Failure: Sendable, Equatable {
            var code: String
            var message: String
        }

        var name: String
        /// Such as `IMPORT`.
        var type: String
        var status = Status.pending
        /// How it failed.
        var error: Failure?
        /// The address of its token's holder.
        var user: String
        var insertTime = Self.now
        var startTime: String?
        var endTime: String?
        /// As it was asked for.
        var importContext: JSONValue?
        /// The database that it is about.
        var database: String?
        /// The number of the backup that it has taken.
        var backup: String?
        /// What happens to it; nil: nobody has looked yet.
        var faults: [OperationFault]?

        /// Until then it is a reservation: the request may yet be refused.
        var isAccepted = false
        /// Its work is over; it is said to run for so many looks.
        var isOver = false
        var looksLeft = 0
        /// Whoever holds it has let it go.
        var isReleased = false
        var isCancelled = false
        var looks = 0
        var listsLeft = 0

        /// The object's, of imports.
        var uri: String? { importContext?["uri"]?.string }

        var isForgotten: Bool {
            (faults ?? []).contains { if case .forgotten(let limit) = $0 { looks > limit } else { false } }
        }

        static var now: String { Date().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)) }

        mutating func start() {
            guard status == .pending else { return }
            (status, startTime) = (.running, Self.now)
        }

        mutating func end(_ error: Failure?) {
            guard !isOver else { return }
            start()
            (isOver, self.error) = (true, error)
            settle()
        }

        /// Ends it, if it has been said to run often enough.
        mutating func settle() {
            guard isOver, status != .done, looksLeft == 0 else { return }
            (status, endTime) = (.done, Self.now)
        }

        /// Somebody looks at it, or runs into it.
        mutating func look() {
            settle()
            if isOver, looksLeft > 0 { looksLeft -= 1 }
        }

        func json(_ instance: Instance) -> JSONValue {
            let place = "https://sqladmin.googleapis.com/v1/projects/\(instance.project)"
            var fields: [String: JSONValue] = [
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
                let one: JSONValue = [
                    "kind": "sql#operationError", "code": .string(error.code), "message": .string(error.message),
                ]
                fields["error"] = ["kind": "sql#operationErrors", "errors": [one]]
            }
            return .object(fields)
        }
    }
}
