import Foundation
package import SystemPackage

/// The programs of the package, as they were built with the tests.
package enum BuiltPrograms {
    /// The folder that the package is built into: the test bundle's.
    package static let folder: FilePath = {
        #if canImport(Darwin)
            let bundle = Bundle(for: Marker.self).bundleURL
        #else
            let bundle = Bundle.main.executableURL ?? URL(fileURLWithPath: CommandLine.arguments[0])
        #endif
        return FilePath(bundle.resolvingSymlinksInPath().deletingLastPathComponent().path)
    }()

    private final class Marker {}

    /// Where a program is.
    package static func path(_ program: String) -> String { folder.appending(program).string }
}
