// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "MigrationKit",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "MigrationKit", targets: ["MigrationKit"]),
        .library(name: "MigrationKitTesting", targets: ["MigrationKitTesting"]),
        .executable(name: "src-snapshot", targets: ["src-snapshot"]),
        .executable(name: "mi-migrate", targets: ["mi-migrate"]),
    ],
    dependencies: [
        // The two commands' arguments, help and exit codes.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        // SHA-256 of dumps and the signatures of service accounts, on BoringSSL.
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        // HTTP to Google's APIs, streaming in both directions, through a company's proxy where there is one.
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        // The library logs through it and never prints.
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        // ByteBuffer, the currency between stages; the thread pool that blocking file I/O runs on.
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        // A company's own certificate authorities.
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        // File descriptors and paths in the system's own words; swift-subprocess speaks them too.
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        // Child processes that are always reaped: pg_dump, psql, docker, kubectl.
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        // zlib, and what Swift has no name for: headers, nothing that is built.
        .systemLibrary(
            name: "CMigrationKit", path: "Sources/MigrationKit/CMigrationKit", pkgConfig: "zlib",
            providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]
        ),
        // YAML, of which the targets file, settings and docker-compose's configuration are.
        .systemLibrary(
            name: "CLibYAML", path: "Sources/MigrationKit/CLibYAML", pkgConfig: "yaml-0.1",
            providers: [.apt(["libyaml-dev"]), .brew(["libyaml"])]
        ),
        // What a release was built from. A target in C, because only there a define has a value.
        .target(
            name: "MigrationKitBuild", path: "Sources/MigrationKit/Build",
            cSettings: ["MIGRATIONKIT_COMMIT", "MIGRATIONKIT_DATE"].compactMap { name in
                Context.environment[name].map { .define(name, to: "\"\($0)\"") }
            }
        ),
        // The C library under one name. Never part of what `import MigrationKit` gives.
        .target(name: "MigrationKitCLibrary", path: "Sources/MigrationKit/CLibrary"),
        // Foundation under one name, and on Linux without ICU. Not part of what `import MigrationKit` gives either.
        .target(name: "MigrationKitFoundation", path: "Sources/MigrationKit/Foundation"),
        // Errors, secrets, events, text, bytes, files, processes: what everything else is made of.
        .target(
            name: "MigrationKitBase",
            dependencies: [
                "CLibYAML", "CMigrationKit", "MigrationKitBuild", "MigrationKitCLibrary", "MigrationKitFoundation",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Sources/MigrationKit/Base"
        ),
        // Requests, proxies, stalls.
        .target(
            name: "MigrationKitHTTP",
            dependencies: [
                "MigrationKitBase", "MigrationKitFoundation",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Sources/MigrationKit/HTTP"
        ),
        // What is in a dump: scanner, rewriter, digests, splitter. No input, no output.
        .target(
            name: "MigrationKitPostgresDump",
            dependencies: [
                "CMigrationKit", "MigrationKitBase", "MigrationKitCLibrary",
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            path: "Sources/MigrationKit/PostgresDump"
        ),
        // Google's APIs: credentials, the Cloud SQL Admin API, the audit log, names.
        .target(
            name: "MigrationKitGoogleCloud",
            dependencies: [
                "MigrationKitBase", "MigrationKitFoundation", "MigrationKitHTTP",
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Sources/MigrationKit/GoogleCloud"
        ),
        // An instance's GraphQL API in the words of each release, releases and the ways between them.
        .target(
            name: "MigrationKitSourcegraphAPI",
            dependencies: [
                "MigrationKitBase", "MigrationKitFoundation", "MigrationKitHTTP",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Sources/MigrationKit/SourcegraphAPI"
        ),
        // What programs import: the flows, and what they work with. Gives the targets below with it.
        .target(
            name: "MigrationKit",
            dependencies: [
                "MigrationKitBase", "MigrationKitCLibrary", "MigrationKitFoundation", "MigrationKitGoogleCloud",
                "MigrationKitHTTP", "MigrationKitPostgresDump", "MigrationKitSourcegraphAPI",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Sources/MigrationKit/Kit"
        ),
        // What conformers of somebody's own to the four protocols are checked by.
        .target(
            name: "MigrationKitTesting",
            dependencies: ["MigrationKit", .product(name: "NIOCore", package: "swift-nio")],
            path: "Sources/MigrationKit/Testing"
        ),
        // What both commands share: the terminal, signals, arguments.
        .target(
            name: "MigrationKitCommandSupport",
            dependencies: [
                "CMigrationKit", "MigrationKit", "MigrationKitCLibrary", "MigrationKitFoundation",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Sources/MigrationKit/CommandSupport"
        ),
        .executableTarget(
            name: "src-snapshot",
            dependencies: [
                "MigrationKit", "MigrationKitCLibrary", "MigrationKitCommandSupport", "MigrationKitFoundation",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .executableTarget(
            name: "mi-migrate",
            dependencies: [
                "MigrationKit", "MigrationKitCLibrary", "MigrationKitCommandSupport", "MigrationKitFoundation",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        // A dump on the command line, a manifest entry on stdout: the pass over a dump, used from outside the library.
        .executableTarget(
            name: "inspect-dump",
            dependencies: [
                "MigrationKit",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Examples/inspect-dump"
        ),
        // A customer's export with a display of its own.
        .executableTarget(
            name: "export-snapshot",
            dependencies: ["MigrationKit", .product(name: "SystemPackage", package: "swift-system")],
            path: "Examples/export-snapshot"
        ),
        // An operator's import from a store of its own.
        .executableTarget(
            name: "import-from-disks",
            dependencies: ["MigrationKit", .product(name: "SystemPackage", package: "swift-system")],
            path: "Examples/import-from-disks"
        ),
        // Many migrations' journals, a line each.
        .executableTarget(
            name: "list-migrations", dependencies: ["MigrationKit"], path: "Examples/list-migrations"
        ),
        // The environment of the process that runs the tests, made before any of its Swift runs.
        .target(name: "TestProcess", path: "Tests/TestProcess"),
        // Waiting, folders, streams, forms of secrets.
        .target(
            name: "TestSupport",
            dependencies: [
                "MigrationKitBase",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Tests/Support"
        ),
        // Dumps of every version of pg_dump, and made ones.
        .target(
            name: "DumpSamples",
            dependencies: [
                "MigrationKitPostgresDump", "TestSupport",
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            path: "Tests/DumpSamples",
            resources: [.copy("Fixtures")]
        ),
        // PostgreSQL clusters, the environment of child processes, turns.
        .target(
            name: "TestClusters",
            dependencies: [
                "TestProcess", "TestSupport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Tests/Clusters",
            exclude: ["scratch-pooler.sh", "scratch-postgres.sh", "scratch-replica.sh"]
        ),
        // The HTTP server of the fakes.
        .target(
            name: "FakeServer",
            dependencies: [
                "TestSupport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            path: "Tests/Fakes/Server"
        ),
        // An instance's GraphQL API, by its schema.
        .target(
            name: "FakeSourcegraph",
            dependencies: [
                "FakeServer", "MigrationKitBase", "TestSupport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            path: "Tests/Fakes/Sourcegraph",
            resources: [.copy("schema.graphql")]
        ),
        // Google's storage, Cloud SQL, accounts and audit log, by their descriptions.
        .target(
            name: "FakeGoogle",
            dependencies: [
                "FakeServer", "MigrationKitBase", "TestClusters", "TestSupport",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Tests/Fakes/Google",
            exclude: ["CloudSQL/cloud-sql.sh"],
            resources: [.copy("Fixtures")]
        ),
        // Small servers and proxies for tests of the HTTP client.
        .target(
            name: "LoopbackServers",
            dependencies: [
                "MigrationKitHTTP", "TestSupport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Tests/Fakes/Loopback"
        ),
        // An instance's API for `make rehearsal`: the fake of the tests.
        .executableTarget(
            name: "rehearsal-instance", dependencies: ["FakeSourcegraph"], path: "Tests/RehearsalInstance"),
        .testTarget(
            name: "BaseTests",
            dependencies: [
                "MigrationKitBase", "TestSupport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ]
        ),
        .testTarget(
            name: "HTTPTests",
            dependencies: [
                "LoopbackServers", "MigrationKitBase", "MigrationKitHTTP", "TestSupport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .testTarget(
            name: "PostgresDumpTests",
            dependencies: [
                "DumpSamples", "MigrationKitBase", "MigrationKitPostgresDump", "TestSupport",
                .product(name: "NIOCore", package: "swift-nio"),
            ]
        ),
        .testTarget(
            name: "GoogleCloudTests",
            dependencies: [
                "LoopbackServers", "MigrationKitBase", "MigrationKitGoogleCloud", "MigrationKitHTTP",
                "TestSupport",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .testTarget(
            name: "SourcegraphAPITests",
            dependencies: [
                "LoopbackServers", "MigrationKitBase", "MigrationKitSourcegraphAPI", "TestSupport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .testTarget(
            name: "KitTests",
            dependencies: [
                "DumpSamples", "LoopbackServers", "MigrationKit", "MigrationKitBase", "MigrationKitPostgresDump",
                "MigrationKitSourcegraphAPI", "TestSupport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            resources: [.copy("Fixtures")]
        ),
        .testTarget(
            name: "CommandSupportTests",
            dependencies: [
                "MigrationKitBase", "MigrationKitCommandSupport", "TestSupport",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .testTarget(
            name: "FakeTests",
            dependencies: [
                "FakeGoogle", "FakeSourcegraph", "MigrationKitBase", "TestClusters", "TestSupport",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ]
        ),
        .testTarget(
            name: "CommandTests",
            dependencies: [
                "src-snapshot", "mi-migrate", "FakeGoogle", "FakeServer", "FakeSourcegraph",
                "LoopbackServers", "MigrationKit", "MigrationKitBase", "MigrationKitCommandSupport",
                "MigrationKitGoogleCloud", "MigrationKitPostgresDump", "MigrationKitSourcegraphAPI",
                "MigrationKitTesting", "TestClusters", "TestSupport",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            exclude: ["StandIns"]
        ),
    ],
    swiftLanguageModes: [.v6]
)

for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ]
    // Set by Scripts/swift.sh, whose build has -Onone for all and comes after what is set here: the tests and the commands
    // that they start spend much of their time in the library and in the fakes, whose compiler takes the last -O. A switch,
    // because nobody can depend on a package with unsafe flags.
    if Context.environment["TEST_BUILD"] == "1" {
        target.swiftSettings?.append(.unsafeFlags(["-incremental", "-enable-testing"]))
        if target.type == .regular { target.swiftSettings?.append(.unsafeFlags(["-Xfrontend", "-O"])) }
        #if os(Linux)
            // The toolchain's linker takes half of the time of the system's.
            if target.type == .executable || target.type == .test {
                target.linkerSettings = [.unsafeFlags(["-use-ld=lld"])]
            }
        #endif
    }
    // Set by `.ci/run`: a warning is for whoever builds to read, but may not land.
    if Context.environment["WARNINGS_AS_ERRORS"] == "1" {
        target.swiftSettings?.append(.treatAllWarnings(as: .error))
    }
}
