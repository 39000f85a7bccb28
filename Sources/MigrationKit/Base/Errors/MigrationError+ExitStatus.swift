extension MigrationError.Code {
    /// The exit status of a command that ends with such a failure; 1 for those that have none of their own.
    public var exitStatus: Int32 {
        switch self {
        case .usage: 2
        case .unmetRequirement, .unreachable: 3
        case .damagedSnapshot, .tornDump: 4
        case .importFailed, .proofFailed: 5
        case .upgradeFailed: 6
        case .acceptanceFailed: 7
        case .locked: 8
        case .interrupted: 130
        default: 1
        }
    }
}

extension MigrationError {
    /// The exit status of a command that ends with it, by its code.
    public var exitStatus: Int32 { code.exitStatus }
}

extension MigrationError {
    /// The error as one line of JSON.
    public var jsonLine: String {
        struct Line: Encodable {
            var event = "error"
            var code: String
            var message: String
            var next: String?
            var details: [String]
        }
        let line = Line(
            code: code.rawValue, message: message.redacted, next: next?.redacted, details: details.redacted)
        return (try? JSONText.encode(line, pretty: false)) ?? "{}"
    }
}
