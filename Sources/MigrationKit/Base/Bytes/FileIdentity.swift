import MigrationKitCLibrary
package import SystemPackage

/// Which file this is, and in which state: equal before and after a read, nobody has written to it meanwhile.
package struct FileIdentity: Hashable {
    let device: UInt64
    package let inode: UInt64
    package let size: Int64
    package let isRegularFile: Bool
    package let isFolder: Bool
    package let modifiedSeconds: Int
    package let modifiedNanoseconds: Int

    init(_ descriptor: FileDescriptor) throws {
        var status = stat()
        guard fstat(descriptor.rawValue, &status) == 0 else { throw Errno(rawValue: errno) }
        self.init(status)
    }

    /// Nil if there is no such file.
    package init?(path: FilePath) {
        var status = stat()
        guard stat(path.string, &status) == 0 else { return nil }
        self.init(status)
    }

    /// Whether both are the same file or folder, in whatever state.
    package func isSameFile(as other: Self) -> Bool { device == other.device && inode == other.inode }

    private init(_ status: stat) {
        device = UInt64(truncatingIfNeeded: status.st_dev)
        inode = UInt64(truncatingIfNeeded: status.st_ino)
        size = Int64(status.st_size)
        isRegularFile = status.st_mode & S_IFMT == S_IFREG
        isFolder = status.st_mode & S_IFMT == S_IFDIR
        #if canImport(Darwin)
            modifiedSeconds = status.st_mtimespec.tv_sec
            modifiedNanoseconds = status.st_mtimespec.tv_nsec
        #else
            modifiedSeconds = status.st_mtim.tv_sec
            modifiedNanoseconds = status.st_mtim.tv_nsec
        #endif
    }
}
