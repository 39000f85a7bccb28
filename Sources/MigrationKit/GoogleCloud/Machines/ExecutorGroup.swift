internal import MigrationKitFoundation

/// The machines that run an instance's executors: a managed instance group of Google Compute Engine.
///
/// Source of the commands: gcloud's reference, `compute instance-groups managed`; of the group's autoscaler, which may
/// have no machines at all: sourcegraph/terraform-google-executors.
package struct ExecutorGroup: Sendable, Hashable, CustomStringConvertible {
    /// Its Google project.
    package let project: String
    /// Its zone.
    package let zone: String
    /// Its name.
    package let name: String
    /// What is run.
    var program = "gcloud"

    /// Reads `gcloud://project/zone/group`.
    ///
    /// - Throws: ``MigrationError`` with code `usage`.
    package init(_ text: String) throws {
        guard
            let match = text.wholeMatch(
                of: /gcloud:\/\/([a-z][a-z0-9.:-]+)\/([a-z]+-[a-z]+[0-9]+-[a-z])\/([a-z][a-z0-9-]*)/)
        else {
            throw MigrationError(
                .usage, "`\(String(text.prefix(100)).printable)` is not an instance group.",
                next: "Write gcloud://project/zone/group, as `gcloud compute instance-groups managed list` shows it.")
        }
        project = try GoogleNames.project(String(match.1))
        (zone, name) = ("\(match.2)", "\(match.3)")
    }

    /// As it can be read again.
    package var description: String { "gcloud://\(project)/\(zone)/\(name)" }

    /// What decides on the number of machines.
    package struct Scale: Sendable, Equatable {
        /// Whether an autoscaler does; else it is set.
        var isAutomatic: Bool
        /// The fewest that the autoscaler may have, or the number that is set.
        package var size: Int
        /// The most that the autoscaler may have.
        package var limit: Int?

        package func with(size: Int) -> Scale { Scale(isAutomatic: isAutomatic, size: size, limit: limit) }

        /// As a journal has it.
        package var journaled: String { "\(isAutomatic ? "min" : "size")-\(size)\(limit.map { "-max-\($0)" } ?? "")" }
    }

    /// Reads it.
    ///
    /// - Throws: ``MigrationError`` if gcloud is missing, or may not.
    package func scale() async throws -> Scale {
        struct Group: Decodable {
            var targetSize: Int?
            var autoscaler: Autoscaler?
            struct Autoscaler: Decodable { var autoscalingPolicy: Policy? }
            struct Policy: Decodable {
                var minNumReplicas: Int?
                var maxNumReplicas: Int?
                var mode: String?
            }
        }
        let output = try await run(command("describe", "--format=json"))
        guard let group = try? JSONDecoder().decode(Group.self, from: Data(output.utf8)) else {
            throw MigrationError(
                .failed, "gcloud's description of \(self) is not valid.",
                next: "Check what this prints: \(command("describe").maskedLine)")
        }
        if let policy = group.autoscaler?.autoscalingPolicy, policy.mode != "OFF" {
            return Scale(isAutomatic: true, size: policy.minNumReplicas ?? 0, limit: policy.maxNumReplicas)
        }
        return Scale(isAutomatic: false, size: group.targetSize ?? 0)
    }

    /// Sets it.
    ///
    /// - Throws: ``MigrationError`` if gcloud may not.
    package func set(_ scale: Scale) async throws { _ = try await run(setting(scale)) }

    /// The command that does, also for a person to paste.
    package func setting(_ scale: Scale) -> Command {
        scale.isAutomatic
            ? command("update-autoscaling", "--min-num-replicas=\(scale.size)", "--quiet")
            : command("resize", "--size=\(scale.size)", "--quiet")
    }

    private func command(_ verb: String, _ options: String...) -> Command {
        Command(
            program,
            ["compute", "instance-groups", "managed", verb, name, "--project=\(project)", "--zone=\(zone)"] + options)
    }

    private static let stallLimit = Duration.seconds(300)

    private func run(_ command: Command) async throws -> String {
        let (output, outcome) = try await command.collect(stallLimit: Self.stallLimit)
        guard outcome.exitStatus == 0 else {
            throw MigrationError(
                .failed, "`gcloud` \(outcome.ending) for \(self).",
                next: "Check that you are logged in and allowed to change that group: \(command.maskedLine)",
                details: outcome.lastLines.map(\.printable))
        }
        return output
    }
}

extension ExecutorGroup.Scale {
    /// Reads what ``journaled`` has written; nil comes of anything else.
    package init?(journaled text: String) {
        guard let match = text.wholeMatch(of: /(min|size)-([0-9]{1,6})(?:-max-([0-9]{1,6}))?/), let size = Int(match.2)
        else { return nil }
        self.init(isAutomatic: match.1 == "min", size: size, limit: match.3.flatMap { Int($0) })
    }
}
