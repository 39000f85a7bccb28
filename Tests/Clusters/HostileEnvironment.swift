import Foundation
import SystemPackage

/// All that the environment of whoever runs the tests may hold, each set to what does harm where it is heeded.
package struct HostileEnvironment {
    package let folder: ScratchFolder

    package init(folder: ScratchFolder) {
        self.folder = folder
    }

    /// Says that this is a process of the tests that was started in such an environment. `TestProcess.c` keeps it.
    package static let mark = "TESTS_HOSTILE"
    package static var isInside: Bool { ProcessInfo.processInfo.environment[mark] != nil }

    /// Programs that no test means, each of which notes that it was called.
    private static let programs = [
        "docker", "docker-compose", "gcloud", "kubectl", "mi", "pg_dump", "psql", "src", "ssh", "terraform",
    ]

    /// What shells, PostgreSQL's programs, ssh and the commands read of a home.
    private static let files = [
        ".bash_profile": "exit 3\n", ".bashrc": "exit 3\n", ".profile": "exit 3\n", ".zshenv": "exit 3\n",
        ".psqlrc": "\\echo poisoned\n\\q\n", ".pgpass": "*:*:*:*:wrong\n", ".pg_service.conf": "[poisoned]\nport=1\n",
        ".ssh/config": "Host *\n    ProxyCommand false\n", ".terraformrc": "poisoned",
        "src-config.json": "{\"endpoint\": \"http://127.0.0.1:1\", \"accessToken\": \"poisoned\"}\n",
        ".config/gcloud/application_default_credentials.json": "poisoned",
        ".config/gcloud/configurations/config_default": "[core]\nproject = poisoned\n",
        ".docker/config.json": "poisoned", ".kube/config": "poisoned",
    ]

    /// Nobody listens there.
    private static let nobody = "127.0.0.1:1"

    package func make() throws {
        for program in Self.programs {
            try folder.write(
                "programs/\(program)", "#!/bin/sh\necho \"$0 $*\" >>'\(folder.file("called"))'\necho garbage\n",
                mode: 0o755)
        }
        for (name, text) in Self.files { try folder.write("home/\(name)", text) }
        try folder.write("exit.sh", "exit 3\n")
    }

    /// What of ``programs`` was called.
    package var called: String { get throws { folder.exists("called") ? try folder.text("called") : "" } }

    package var variables: [String: String] {
        let (home, script) = (folder.file("home").string, folder.file("exit.sh").string)
        var all = [
            "PATH": "\(folder.file("programs")):\(ChildEnvironment.searchPath)", "HOME": home, "CDPATH": "/tmp",
            "BASH_ENV": script, "ENV": script, "POSIXLY_CORRECT": "1", "SHELLOPTS": "errexit:nounset", "TERM": "dumb",
            "LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8", "LANGUAGE": "tr", "TZ": "Pacific/Chatham",
            "PERL5OPT": "-Mnone", "PYTHONHOME": "/nowhere", "SSL_CERT_FILE": "/nowhere", "SSH_AUTH_SOCK": "/nowhere",
            // PostgreSQL's
            "PGHOST": "127.0.0.1", "PGPORT": "1", "PGUSER": "nobody", "PGDATABASE": "none", "PGPASSWORD": "wrong",
            "PGOPTIONS": "-c role=nobody", "PGSSLMODE": "verify-full", "PGSERVICE": "poisoned", "PGDATA": "/nowhere",
            "PGTZ": "Pacific/Chatham", "PGCLIENTENCODING": "LATIN1", "PGCONNECT_TIMEOUT": "1", "PSQLRC": script,
            // The commands' own
            "SRC_ENDPOINT": "http://\(Self.nobody)", "SRC_ACCESS_TOKEN": "poisoned",
            "SRC_PROXY": "http://\(Self.nobody)",
            "SRC_HEADER_X": "poisoned", "DB_DUMP_BUCKET": "poisoned", "TARGET_INSTANCE_PROJECT": "poisoned",
            "TARGET_INSTANCE_DB": "poisoned", "INSTANCE_ADMIN_PASSWORD": "wrong",
            // Google's
            "GOOGLE_APPLICATION_CREDENTIALS": "/nowhere", "GOOGLE_CLOUD_PROJECT": "poisoned",
            "GOOGLE_CLOUD_UNIVERSE_DOMAIN": "poisoned.example", "GOOGLE_CLOUD_QUOTA_PROJECT": "poisoned",
            "GCE_METADATA_HOST": Self.nobody, "STORAGE_EMULATOR_HOST": "http://\(Self.nobody)",
            "CLOUDSDK_CONFIG": "\(home)/.config/gcloud", "CLOUDSDK_CORE_PROJECT": "poisoned",
            "CLOUDSDK_API_ENDPOINT_OVERRIDES_SQL": "http://\(Self.nobody)/",
            "CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE": "http://\(Self.nobody)/",
            // Docker's and its like
            "DOCKER_HOST": "tcp://\(Self.nobody)", "DOCKER_CONTEXT": "poisoned", "DOCKER_CONFIG": "\(home)/.docker",
            "COMPOSE_FILE": "/nowhere.yaml", "COMPOSE_PROJECT_NAME": "poisoned", "KUBECONFIG": "\(home)/.kube/config",
            "TF_LOG": "trace", "TF_CLI_ARGS": "-bogus", "TF_INPUT": "1",
        ]
        for name in ["CONFIG", "DATA", "STATE", "CACHE"] { all["XDG_\(name)_HOME"] = "\(home)/.config" }
        for name in ["http", "https", "all"] {
            for name in [name, name.uppercased()] { all["\(name)_proxy"] = "http://\(Self.nobody)" }
            all["\(name.uppercased())_PROXY"] = "http://\(Self.nobody)"
        }
        for name in ["no_proxy", "NO_PROXY"] { all[name] = "" }
        return all
    }
}
