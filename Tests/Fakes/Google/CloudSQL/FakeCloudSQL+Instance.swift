package import FakeServer
package import TestSupport

extension FakeCloudSQL {
    /// What the API tells of the instance.
    package struct Instance: Sendable {
        package var project = "example-project"
        package var name = "sourcegraph-db"
        package var region = "us-central1"
        package var databaseVersion = "POSTGRES_15"
        package var databaseInstalledVersion = "POSTGRES_15_18"
        package var state = "RUNNABLE"
        package var serviceAccountEmailAddress = "p123456789012-abc123@gcp-sa-cloud-sql.iam.gserviceaccount.com"
        package var createTime = "2026-01-02T03:04:05.678Z"
        package var settings: [String: AnyJSON] = [
            "kind": "sql#settings", "settingsVersion": "7", "tier": "db-custom-2-7680", "edition": "ENTERPRISE",
            "availabilityType": "ZONAL", "activationPolicy": "ALWAYS", "dataDiskSizeGb": "100",
            "dataDiskType": "PD_SSD", "storageAutoResize": true, "storageAutoResizeLimit": "0",
            "databaseFlags": [["name": "cloudsql.iam_authentication", "value": "on"]],
            "backupConfiguration": [
                "kind": "sql#backupConfiguration", "enabled": true, "pointInTimeRecoveryEnabled": true,
                "startTime": "03:00",
            ],
        ]
        /// nil: of project, region and name.
        package var connectionName: String?

        package init(
            project: String = "example-project", name: String = "sourcegraph-db", region: String = "us-central1",
            databaseVersion: String = "POSTGRES_15", databaseInstalledVersion: String = "POSTGRES_15_18",
            state: String = "RUNNABLE",
            serviceAccountEmailAddress: String = "p123456789012-abc123@gcp-sa-cloud-sql.iam.gserviceaccount.com",
            createTime: String = "2026-01-02T03:04:05.678Z",
            settings: [String: AnyJSON] = [
                "kind": "sql#settings", "settingsVersion": "7", "tier": "db-custom-2-7680", "edition": "ENTERPRISE",
                "availabilityType": "ZONAL", "activationPolicy": "ALWAYS", "dataDiskSizeGb": "100",
                "dataDiskType": "PD_SSD", "storageAutoResize": true, "storageAutoResizeLimit": "0",
                "databaseFlags": [["name": "cloudsql.iam_authentication", "value": "on"]],
                "backupConfiguration": [
                    "kind": "sql#backupConfiguration", "enabled": true, "pointInTimeRecoveryEnabled": true,
                    "startTime": "03:00",
                ],
            ], connectionName: String? = nil
        ) {
            self.project = project
            self.name = name
            self.region = region
            self.databaseVersion = databaseVersion
            self.databaseInstalledVersion = databaseInstalledVersion
            self.state = state
            self.serviceAccountEmailAddress = serviceAccountEmailAddress
            self.createTime = createTime
            self.settings = settings
            self.connectionName = connectionName
        }

        /// Whether `executeSql` is there for anybody; it is not unless somebody says so.
        package var allowsDataAPI: Bool {
            get { settings["dataApiAccess"] == "ALLOW_DATA_API" }
            set { settings["dataApiAccess"] = newValue ? "ALLOW_DATA_API" : nil }
        }

        package var json: AnyJSON {
            [
                "kind": "sql#instance", "project": .string(project), "name": .string(name), "region": .string(region),
                "gceZone": .string(region + "-b"), "databaseVersion": .string(databaseVersion),
                "databaseInstalledVersion": .string(databaseInstalledVersion), "state": .string(state),
                "serviceAccountEmailAddress": .string(serviceAccountEmailAddress), "createTime": .string(createTime),
                "connectionName": .string(connectionName ?? "\(project):\(region):\(name)"),
                "backendType": "SECOND_GEN", "instanceType": "CLOUD_SQL_INSTANCE", "settings": .object(settings),
                "ipAddresses": [["type": "PRIMARY", "ipAddress": "127.0.0.1"]],
                "selfLink": .string("https://sqladmin.googleapis.com/v1/projects/\(project)/instances/\(name)"),
            ]
        }

        /// Some of those that there are.
        package static let flags: [AnyJSON] =
            [
                ("max_wal_size", "INTEGER", false), ("maintenance_work_mem", "INTEGER", false),
                ("work_mem", "INTEGER", false), ("checkpoint_timeout", "INTEGER", false),
                ("autovacuum", "BOOLEAN", false), ("max_parallel_maintenance_workers", "INTEGER", false),
                ("max_worker_processes", "INTEGER", true), ("max_connections", "INTEGER", true),
                ("cloudsql.iam_authentication", "BOOLEAN", true), ("cloudsql.enable_pg_cron", "BOOLEAN", true),
            ].map { name, type, requiresRestart in
                [
                    "kind": "sql#flag", "name": .string(name), "type": .string(type), "appliesTo": ["POSTGRES_15"],
                    "requiresRestart": .bool(requiresRestart),
                ]
            }
    }

    /// Objects are merged, and all else is replaced: a list of flags is the whole list.
    package func patchInstance(_ request: Request) -> FakeResponse {
        guard let body = request.body?.object else { return Self.failure(400, "required", "The request has no body.") }
        let known = Set(Instance.flags.compactMap { $0["name"]?.string })
        for flag in body["settings"]?["databaseFlags"]?.array ?? [] {
            guard let name = flag["name"]?.string, known.contains(name) else {
                // The text is assumed.
                return Self.failure(400, "invalidFlagName", "Invalid request: Invalid flag name.")
            }
        }
        if let version = body["settings"]?["settingsVersion"], version != instance.settings["settingsVersion"] {
            // The code is Google's STALE_DATA; the text is assumed.
            return Self.failure(
                412, "staleData", "Condition does not match. The settings version of the request is out of date.")
        }
        guard let name = reserve("UPDATE", request) else { return Self.isBusy }
        if plannedFailure(of: name) == nil {
            state.change { state in
                let version = Int64(state.instance.settings["settingsVersion"]?.string ?? "") ?? 0
                if case .object(var settings) = Self.merged(.object(state.instance.settings), body["settings"] ?? [:]) {
                    settings["settingsVersion"] = .string(String(version + 1))
                    state.instance.settings = settings
                }
            }
        }
        return acceptDone(name, request)
    }

    private static func merged(_ old: AnyJSON, _ new: AnyJSON) -> AnyJSON {
        guard case .object(var fields) = old, case .object(let changes) = new else { return new }
        for (name, value) in changes {
            fields[name] = value == .null ? nil : merged(fields[name] ?? .null, value)
        }
        return .object(fields)
    }
}
