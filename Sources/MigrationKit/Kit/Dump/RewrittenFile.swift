internal import NIOCore

/// A dump's file as it is once it is rewritten: any stretch of it, as often as it is wanted.
struct RewrittenFile: Sendable {
    let reader: FileReader
    /// In the order of their offsets.
    let insertions: [Insertion]

    /// A stretch of the rewritten dump.
    func stream(_ range: Range<Int64>) -> ByteStream {
        var before: Int64 = 0
        var index = 0
        while index < insertions.count, insertions[index].offset + insertions[index].count <= range.lowerBound {
            before += insertions[index].count
            index += 1
        }
        let place = Place(rest: range, inserted: before, next: index, file: self)
        return ByteStream { try await place.advance() }
    }

    private actor Place {
        private var rest: Range<Int64>
        private var inserted: Int64
        private var next: Int
        private let file: RewrittenFile

        init(rest: Range<Int64>, inserted: Int64, next: Int, file: RewrittenFile) {
            self.rest = rest
            self.inserted = inserted
            self.next = next
            self.file = file
        }

        func advance() async throws -> ByteBuffer? {
            guard !rest.isEmpty else { return nil }
            let start = rest.lowerBound
            let insertion = next < file.insertions.count ? file.insertions[next] : nil
            if let insertion, insertion.offset <= start {
                let end = min(insertion.offset + insertion.count, rest.upperBound)
                let text = insertion.text.rawValue.utf8.prefix(Int(end - insertion.offset))
                inserted += insertion.count
                next += 1
                rest = end..<rest.upperBound
                return ByteBuffer(bytes: text.dropFirst(Int(start - insertion.offset)))
            }
            let end = min(insertion?.offset ?? .max, rest.upperBound, start + Int64(ByteBuffer.chunkSize))
            let chunk = try await file.reader.read(at: start - inserted, atMost: Int(end - start))
            guard let chunk else { throw file.reader.changed }
            rest = start + Int64(chunk.readableBytes)..<rest.upperBound
            return chunk
        }
    }
}
