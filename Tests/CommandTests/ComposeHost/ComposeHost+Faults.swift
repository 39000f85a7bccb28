import Foundation
import SystemPackage
import Testing

extension ComposeHost {
    /// What goes wrong; `lib.sh` says how each shows.
    struct Fault: Sendable, Hashable {
        let name: String

        // Of docker.
        static let dockerDown = Fault(name: "docker-down")
        static let pullFails = Fault(name: "pull-fails")
        static let registryDown = Fault(name: "registry-down")
        /// Compose is killed when a container that it ran has ended.
        static let clientDies = Fault(name: "client-dies")

        // Of services.
        static let proxyFails = Fault(name: "proxy-fails")
        static let proxySlow = Fault(name: "proxy-slow")
        /// The service ends at once, with the value as its status.
        static func exits(_ service: String) -> Fault { Fault(name: "exits-\(service)") }
        static func unhealthy(_ service: String) -> Fault { Fault(name: "unhealthy-\(service)") }
        static func starting(_ service: String) -> Fault { Fault(name: "starting-\(service)") }

        // Of the migrator.
        static let dirty = Fault(name: "dirty")
        static let drift = Fault(name: "drift")
        static let unfinished = Fault(name: "unfinished")
        static let unknownTag = Fault(name: "unknown-tag")
        static let versionAssertion = Fault(name: "version-assertion")
        static let oldPostgres = Fault(name: "old-postgres")
        static let noConnection = Fault(name: "no-connection")
        /// There is one, of the release that is the value, unless `--ignore-migrator-update` is given.
        static let newerMigrator = Fault(name: "newer-migrator")
        /// The migrator is killed while it makes the step to the release that is the value.
        static let diesAt = Fault(name: "die-at")
        /// PostgreSQL refuses that step.
        static let failsAt = Fault(name: "fail-at")

        // Of `mi`.
        static let initFails = Fault(name: "init-fails")
        static let checkFails = Fault(name: "check-fails")
    }

    /// Has something go wrong.
    ///
    /// - Parameter times: How often; until it is healed, if it is nil.
    func fault(_ fault: Fault, _ value: String = "", times: Int? = nil) async throws {
        try await control("fault", fault.name, value, times.map(String.init) ?? "")
    }

    func heal(_ fault: Fault) async throws { try await control("heal", fault.name) }

    /// Changes a setting of the VM: `step_delay`, `start_delay`, `health_delay` or `restart_delay`, in seconds.
    func set(_ name: String, _ seconds: Double) throws {
        let settings = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.appending("settings").string))
        defer { try? settings.close() }
        try settings.seekToEnd()
        try settings.write(contentsOf: Data("\(name)=\(seconds)\n".utf8))
    }

    // MARK: Waiting

    /// Has the migrator wait in the step to a release (5.2), or the proxy (`proxy`) before it is ready.
    func hold(_ point: String) async throws { try await control("hold", point) }

    /// Returns once something waits there.
    func reached(_ point: String) async throws { try await control("reached", point) }

    /// Has it go on.
    func letGo(_ point: String) async throws { try await control("let", point) }

    /// Returns once a condition of the shell holds, in the VM's folder.
    func wait(until condition: String) async throws {
        let waited = try await workplace.awaiting("`\(condition)`") {
            try await workplace.run(
                "/bin/sh", ["-c", "cd '\(folder)' || exit; until \(condition); do sleep 0.05; done"])
        }
        try #require(waited.exit == 0, "\(condition): \(waited.errors)")
    }

    /// Returns once the proxy is ready; starts it before.
    func startProxy(_ compose: Compose = .v1) async throws {
        _ = try await shell("\(compose.command) up -d cloud-sql-proxy")
        try await wait(until: "[ -e containers/cloud-sql-proxy/ready ]")
    }
}
