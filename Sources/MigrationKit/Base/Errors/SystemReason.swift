import MigrationKitCLibrary
internal import MigrationKitFoundation
internal import SystemPackage

extension Error {
    /// Why a file operation of Foundation's has failed, in the system's words: `Permission denied`.
    package var systemReason: String {
        switch (self as? CocoaError)?.underlying {
        case let error as POSIXError: "\(Errno(rawValue: error.code.rawValue))"
        default: "\(self)"
        }
    }
}
