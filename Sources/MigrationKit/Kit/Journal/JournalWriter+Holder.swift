import MigrationKitCLibrary
internal import MigrationKitFoundation

extension JournalWriter {
    /// This run of this process.
    public static func current() -> JournalWriter {
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, name.count - 1)
        let host = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return JournalWriter(
            run: UUID().uuidString, who: "\(ProcessInfo.processInfo.userName)@\(host)", host: host, machine: machine,
            process: getpid())
    }

    /// Names do not tell machines apart: many are called `localhost`, and a container's process 1 is another's, too.
    private static var machine: String? {
        #if canImport(Darwin)
            var text = [CChar](repeating: 0, count: 64)
            var size = text.count - 1
            guard sysctlbyname("kern.bootsessionuuid", &text, &size, nil, 0) == 0 else { return nil }
            return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        #else
            let files = FileManager.default
            guard let boot = files.contents(atPath: "/proc/sys/kernel/random/boot_id"),
                let processes = try? files.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")
            else { return nil }
            return String(decoding: boot.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self) + " " + processes
        #endif
    }
}

extension JournalState.Holder {
    /// Whether a run has to keep away. A process of the same machine that is gone, or a lease that has run out, keeps
    /// nobody away: should the other live after all, it finds its next entry written and stops.
    func isAtWork(beside writer: JournalWriter) -> Bool {
        if self.writer.run == writer.run { return false }
        if self.writer.machine != nil, self.writer.machine == writer.machine, isGone(beside: writer) { return false }
        return Date() < until
    }

    /// The number of a process that is gone may be this one's.
    private func isGone(beside writer: JournalWriter) -> Bool {
        self.writer.process == writer.process || (kill(self.writer.process, 0) != 0 && errno == ESRCH)
    }

    /// What a second operator is told.
    var locked: MigrationError {
        MigrationError(
            .locked,
            "This migration is locked by \(writer.who.printable) (\(writer.program.printable), process "
                + "\(writer.process), since \(TimeText.minutes(since))).",
            next: "Wait until that run ends, or ask its operator. If it has crashed, the lock expires at "
                + "\(TimeText.minutes(until)); --take-over breaks it now.")
    }
}
