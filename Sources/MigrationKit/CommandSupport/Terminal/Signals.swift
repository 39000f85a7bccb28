import MigrationKitCLibrary
import SystemPackage

/// What signals do to a command.
///
/// A signal that was ignored when the command was started stays ignored: that is how `nohup` keeps a command running
/// whose terminal goes, and how a shell keeps Ctrl-C from what it runs in the background.
///
/// A lost terminal (SIGHUP) ends a command as Ctrl-C does. Going on would hold the journal with nobody to see what comes
/// of it, and to agree to what is destroyed next; and whoever comes back and runs the same command, which goes on from
/// there, would be refused because another run is at work.
struct Signals {
    /// Where those that came are noted, for ``stop(_:)``: any thread may be interrupted by one, and may do no more there.
    private static let arrivals = try? FileDescriptor.pipe()

    /// Takes the signals over. Called before there is a second thread.
    init() {
        // Who writes where nobody reads any more, or more than a file may hold, gets an error, and lives on.
        for number in [SIGPIPE, SIGXFSZ] { signal(number, SIG_IGN) }
        // Where no descriptor is free, they do what they do by themselves: they end the process.
        guard let arrivals = Self.arrivals else { return }
        for end in [arrivals.readEnd, arrivals.writeEnd] { _ = fcntl(end.rawValue, F_SETFD, FD_CLOEXEC) }
        let numbers = [SIGINT, SIGTERM, SIGQUIT, SIGHUP]
        var all = sigset_t()
        sigemptyset(&all)
        for number in numbers { sigaddset(&all, number) }
        // One that is ignored must not come through in the moment that it takes to ask for that.
        pthread_sigmask(SIG_BLOCK, &all, nil)
        for number in numbers { Self.note(number) }
        pthread_sigmask(SIG_UNBLOCK, &all, nil)
    }

    private static func note(_ number: Int32) {
        let before = signal(number) { number in
            let error = errno
            var byte = UInt8(truncatingIfNeeded: number)
            if let arrivals = Signals.arrivals { _ = write(arrivals.writeEnd.rawValue, &byte, 1) }
            errno = error
        }
        let wasIgnored = unsafeBitCast(before, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
        if wasIgnored { signal(number, SIG_IGN) }
    }

    /// Ctrl-C cancels the work, which stops its child processes and removes what is half written; a second one does not
    /// wait for that. Returns never: whoever does the work ends the process.
    func stop(_ work: Task<Void, any Error>) -> Never {
        while true {
            var number: UInt8 = 0
            guard let arrivals = Self.arrivals else {
                pause()
                continue
            }
            guard read(arrivals.readEnd.rawValue, &number, 1) == 1 else { continue }
            // A lost terminal is told by the shell and by the system: the second time is no second wish.
            if work.isCancelled, Int32(number) != SIGHUP {
                ChildSessions.terminateAll()
                exit(MigrationError.Code.interrupted.exitStatus)
            }
            work.cancel()
        }
    }
}
