/// Bytes of a rewritten dump that are not in the dump. A rewrite takes nothing away, so with all of these the rewritten
/// dump can be made again from any place on, without a scan.
package struct Insertion: Sendable, Hashable {
    package enum Text: String, Sendable {
        case commentMark = "-- "
        case lineEnd = "\n"
    }

    /// Where it stands in the rewritten dump.
    package var offset: Int64
    package var text: Text
    package var count: Int64 { Int64(text.rawValue.utf8.count) }
}
