/// How the machine that an instance runs on is reached.
public enum InstanceAddress: Sendable, Hashable, CustomStringConvertible {
    /// It is this one.
    case local
    /// By ssh, with the user's own configuration: jump hosts, keys, names.
    case ssh(destination: String, port: Int?)
    /// By `gcloud compute ssh`, through Google's Identity-Aware Proxy.
    case gcloud(project: String, zone: String, name: String)
    /// By `mi ssh-exec`; the customer, unless `mi` knows which is worked on.
    case mi(customer: String?)

    /// Reads `local`, `ssh://user@host:port` or a host of one's ssh configuration, `gcloud://project/zone/name`, or
    /// `mi://customer`.
    ///
    /// - Throws: ``MigrationError`` with code `usage`.
    public init(_ text: String) throws {
        if text == "local" {
            self = .local
        } else if let match = text.wholeMatch(of: /mi:(?:\/\/)?([A-Za-z0-9][A-Za-z0-9_.-]*)?/) {
            self = .mi(customer: match.1.map(String.init))
        } else if let match = text.wholeMatch(
            of: /gcloud:\/\/([a-z][a-z0-9.:-]+)\/([a-z][a-z0-9-]+)\/([a-z][a-z0-9-]*)/)
        {
            self = .gcloud(project: try GoogleNames.project(String(match.1)), zone: "\(match.2)", name: "\(match.3)")
        } else if let match = text.wholeMatch(
            // No word of it may be taken for an option.
            of:
                /(?:ssh:\/\/)?((?:[A-Za-z0-9_][A-Za-z0-9_.-]*@)?(?:[A-Za-z0-9_][A-Za-z0-9_.-]*|\[[0-9a-fA-F:]+\]))(?::([0-9]{1,5}))?/
        ) {
            self = .ssh(destination: match.1.filter { $0 != "[" && $0 != "]" }, port: match.2.flatMap { Int($0) })
        } else if text.hasPrefix("gcloud:") {
            throw MigrationError(
                .usage, "`\(String(text.prefix(100)).printable)` does not name a project, a zone and a machine.",
                next: "Write gcloud://PROJECT/ZONE/NAME, as `gcloud compute instances list` shows them.")
        } else {
            throw MigrationError(
                .usage, "`\(String(text.prefix(100)).printable)` is not a machine.",
                next: "Write local, ssh://user@host, gcloud://project/zone/name or mi://customer.")
        }
    }

    /// As it can be read again.
    public var description: String {
        switch self {
        case .local: "local"
        case .ssh(let destination, let port): "ssh://\(destination)" + (port.map { ":\($0)" } ?? "")
        case .gcloud(let project, let zone, let name): "gcloud://\(project)/\(zone)/\(name)"
        case .mi(let customer): "mi:" + (customer.map { "//\($0)" } ?? "")
        }
    }

    /// The machine, for messages.
    public var name: String {
        switch self {
        case .local: "this machine"
        case .ssh(let destination, _): destination
        case .gcloud(_, _, let name): name
        case .mi(let customer): customer.map { "the instance of \($0)" } ?? "the instance that mi works on"
        }
    }
}

extension InstanceAddress {
    /// Checks the names of an address that a program has put together, and that nobody has read.
    ///
    /// - Throws: ``MigrationError`` with code `usage` if one of them would be an option of the program that takes it.
    func checkNames() throws {
        let names: [String?] =
            switch self {
            case .local: []
            case .ssh(let destination, _): [destination]
            case .gcloud(_, _, let name): [name]
            case .mi(let customer): [customer]
            }
        for case let name? in names where name.utf8.first == UInt8(ascii: "-") {
            throw MigrationError(
                .usage, "`\(name.printable)` is not the name of a machine: it begins with a dash.",
                next: "Write local, ssh://user@host, gcloud://project/zone/name or mi://customer.")
        }
    }
}
