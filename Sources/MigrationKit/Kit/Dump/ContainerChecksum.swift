/// A program of a container that makes a checksum of the dump there, where pg_dump writes it.
///
/// `docker exec` and `kubectl exec` can lose bytes in the middle of what they carry and report success: only a checksum
/// from the other end tells.
enum ContainerChecksum: String, Sendable, CaseIterable {
    /// POSIX's, in nearly every image. Tells how many bytes there were, and costs the database's machine least.
    case cksum
    case sha256sum

    /// Begins the line that tells the checksum.
    static let mark = "src-snapshot: checksum inside the container: "

    /// Prints the first of the programs that works in the container, or nothing. Each is tried as it will be used.
    static var search: String {
        let names = allCases.map(\.rawValue).joined(separator: " ")
        return "for p in \(names); do a=$(echo x | $p) && [ -n \"$a\" ] && "
            + "[ \"$(echo x | tee /dev/fd/3 3>&1 >/dev/null | $p)\" = \"$a\" ] && echo $p && break; done 2>/dev/null; true"
    }

    /// A line of shell that runs another with its output handed on as it is and, by `tee`, to the program too. The
    /// other's exit status is in `s`; the checksum goes to standard error.
    func watching(_ line: String) -> String {
        "exec 4>&1; s=$({ { \(line) 4>&- 5>&-; echo $? >&5; } | tee /dev/fd/3 3>&1 >&4 4>&- 5>&- "
            + "| { c=$(\(rawValue)); echo \"\(Self.mark)$c\" >&2; } 4>&-; } 5>&1)"
    }
}
