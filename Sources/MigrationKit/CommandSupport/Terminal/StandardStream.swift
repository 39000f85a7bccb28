import MigrationKitCLibrary
import Synchronization
internal import SystemPackage

/// Standard output and standard error of a command: the one way in which it prints.
///
/// Nobody has to be listening: the disk is full, the pager was quit, the terminal is gone. Foundation's `FileHandle` ends
/// the program then, in the middle of an import, and `print` keeps quiet. Here work goes on; what standard error does not
/// take is ignored, and what standard output does not take is an error in the end: see ``failure``.
public enum StandardStream: Int32, Sendable {
    /// Data, for whoever needs it.
    case output = 1
    /// Talk, for whoever is there.
    case errors = 2

    private static let firstError = Mutex<Errno?>(nil)

    /// Makes descriptors that are closed lead nowhere. Called before anything else opens a file.
    ///
    /// The next file that is opened would get the number: a dump, and messages would be written into it. What is put in
    /// the way is opened the wrong way round, so that it still can be neither read nor written.
    public static func occupyClosed() {
        for (descriptor, mode) in [(0, FileDescriptor.AccessMode.writeOnly), (1, .readOnly), (2, .readOnly)]
        where fcntl(Int32(descriptor), F_GETFD) == -1 {
            // The lowest number that is free: this one.
            _ = try? FileDescriptor.open("/dev/null", mode)
        }
    }

    /// Writes a text at once: nothing is held back when the process ends.
    ///
    /// - Returns: Whether all of it was taken.
    @discardableResult
    public func write(_ text: String, terminator: String = "\n") -> Bool {
        do {
            var text = text + terminator
            try text.withUTF8 { try Self.write(UnsafeRawBufferPointer($0), to: FileDescriptor(rawValue: rawValue)) }
            return true
        } catch {
            if self == .output { Self.note(error) }
            return false
        }
    }

    static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: FileDescriptor) throws {
        var written = 0
        while written < bytes.count {
            do {
                written += try descriptor.write(UnsafeRawBufferPointer(rebasing: bytes[written...]))
            } catch Errno.wouldBlock {
                // Another program that shares it has asked not to wait.
                waitUntilReady(descriptor, for: POLLOUT)
            }
        }
    }

    private static func note(_ error: any Error) {
        firstError.withLock { $0 = $0 ?? error as? Errno ?? .ioError }
    }

    /// What has kept standard output from taking all that was written to it so far; nil: nothing.
    public static var failure: MigrationError? {
        // A file system on a network may say only now that its disk is full.
        do { try FileDescriptor(rawValue: output.rawValue).duplicate().close() } catch Errno.badFileDescriptor {
            // Nothing was written, or that has failed already.
        } catch { note(error) }
        return firstError.withLock(\.self).map { error in
            MigrationError(
                .failed, "Cannot write to standard output: \(error).",
                next: "Redirect standard output to a file on a disk with free space, or to a program that reads all "
                    + "of it.")
        }
    }
}
