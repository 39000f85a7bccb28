/// Where a database is, and who may read it.
public struct DatabaseTarget: Sendable, Hashable {
    /// Host for `pg_dump`, container for `docker`, pod or workload for `kubectl`. Empty or `local`: libpq's default.
    public var target: String
    /// Name of the database.
    public var dbname: String
    /// Role that dumps it.
    public var username: String
    /// Its password.
    public var password: Secret
    /// Port, if not 5432.
    public var port: Int?
    /// libpq's `sslmode`.
    public var sslmode: String?
    /// Kubernetes namespace.
    public var namespace: String?
    /// Container of the pod, where it has several.
    public var container: String?

    /// Makes a target; see the properties for what the arguments mean.
    public init(
        target: String, dbname: String, username: String, password: Secret, port: Int? = nil, sslmode: String? = nil,
        namespace: String? = nil, container: String? = nil
    ) {
        self.target = target
        self.dbname = dbname
        self.username = username
        self.password = password
        self.port = port
        self.sslmode = sslmode
        self.namespace = namespace
        self.container = container
    }
}

/// Targets of deployments as Sourcegraph ships them, with the passwords it documents.
///
/// Source: docker-compose.yaml of deploy-sourcegraph-docker, the Helm chart's values, deploy-sourcegraph, and the
/// predefined targets of `src snapshot databases`.
public enum TargetPreset: String, Sendable, CaseIterable {
    /// Databases on this machine, through libpq's default.
    case local
    /// docker-compose and pure-docker.
    case docker
    /// StatefulSets with the passwords of `src`.
    case k8s
    /// StatefulSets of the Helm chart, whose default password differs.
    case helm
    /// Deployments of deploy-sourcegraph, up to 4.5.
    case k8sDeployments = "k8s-deployments"

    /// The three targets.
    public var targets: [Database: DatabaseTarget] {
        Dictionary(uniqueKeysWithValues: Database.allCases.map { ($0, target(of: $0)) })
    }

    /// The target of one database.
    public func target(of database: Database) -> DatabaseTarget {
        let name = database.importedName
        let user = database == .codeinsights ? "postgres" : "sg"
        let password = database == .codeinsights || self == .helm ? "password" : "sg"
        let target =
            switch self {
            case .local: "local"
            case .docker: name
            case .k8s, .helm: "statefulset/\(name)"
            case .k8sDeployments: "deployment/\(name)"
            }
        return DatabaseTarget(target: target, dbname: user, username: user, password: Secret(password))
    }
}
