package import SystemPackage

extension MigrationError {
    /// A file that the disk does not take.
    ///
    /// - Parameters:
    ///   - what: The file, and what it is for.
    ///   - folder: The folder that it is in.
    ///   - error: What the system has said.
    package init(cannotWrite what: String, in folder: FilePath, _ error: any Error) {
        switch error as? Errno {
        case .noSpace, .diskQuotaExceeded:
            self.init(
                .unmetRequirement, "\(what) cannot be written: the disk is full.",
                next: "Free some space in \(folder), then run the same command again.")
        case .fileTooLarge:
            self.init(
                .failed, "\(what) cannot be written: \(error).",
                next: "Free some space in \(folder), or raise the limit on the size of files (ulimit -f), then run the "
                    + "same command again.")
        case .permissionDenied, .notPermitted, .readOnlyFileSystem:
            self.init(
                .unmetRequirement, "\(what) cannot be written: \(error).",
                next: "Fix the permissions of \(folder), then run the same command again.")
        default:
            self.init(
                .failed, "\(what) cannot be written: \(error).",
                next: "Check the disk of \(folder), then run the same command again.")
        }
    }
}
