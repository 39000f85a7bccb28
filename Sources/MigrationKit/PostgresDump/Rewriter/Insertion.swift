/// Bytes of a rewritten dump that are not in the dump. A rewrite takes nothing away, so with all of these the rewritten
/// dump can be made again from any place on, without a scan.
struct Insertion: Sendable, Hashable {
    enum Text: String, Sendable {
        case commentMark = "-- "
        case lineEnd = "\n"
    }

    /// Where it stands in the rewritten dump.
    var offset: Int64
    var text: Text
    var count: Int64 { Int64(text.rawValue.utf8.count) }
}
