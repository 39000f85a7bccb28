/// `Content-Range` of a session's request.
package enum ContentRange: Equatable {
    /// All there is, in one request.
    case none
    case bytes(first: Int64, last: Int64, total: Int64?)
    case status(total: Int64?)
    case malformed

    package init(_ text: String?) {
        guard let text else {
            self = .none
            return
        }
        if let match = text.wholeMatch(of: /bytes (\d{1,18})-(\d{1,18})\/(\d{1,18}|\*)/),
            let first = Int64(match.1), let last = Int64(match.2), first <= last
        {
            self = .bytes(first: first, last: last, total: Int64(match.3))
        } else if let match = text.wholeMatch(of: /bytes \*\/(\d{1,18}|\*)/) {
            self = .status(total: Int64(match.1))
        } else {
            self = .malformed
        }
    }
}
