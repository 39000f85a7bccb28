internal import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension JournalWriter {
    /// This run of this process.
    public static func current() -> JournalWriter {
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, name.count - 1)
        let host = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return JournalWriter(
            run: UUID().uuidString, who: "\(ProcessInfo.processInfo.userName)@\(host)", host: host, process: getpid())
    }
}

extension JournalState.Holder {
    /// Whether a run has to keep away. A process of the same machine that is gone, or a lease that has run out, keeps
    /// nobody away: should the other live after all, it finds its next entry written and stops.
    func isAtWork(beside writer: JournalWriter) -> Bool {
        if self.writer.run == writer.run { return false }
        if self.writer.host == writer.host, kill(self.writer.process, 0) != 0, errno == ESRCH { return false }
        guard let end = try? Date(until, strategy: .iso8601) else { return true }
        return Date() < end
    }

    /// What a second operator is told.
    var locked: MigrationError {
        MigrationError(
            .locked,
            "\(writer.who.printable) works on this migration since \(since.printable) "
                + "(\(writer.program.printable), process \(writer.process)).",
            next: "Wait for it, or ask them. If that run is dead it counts until \(until.printable); "
                + "--take-over does not wait.")
    }
}
