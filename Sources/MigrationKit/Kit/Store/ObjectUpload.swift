/// An object on its way into a bucket.
public struct ObjectUpload: Sendable {
    /// The bytes. If the stream throws, nothing is stored.
    public var stream: ByteStream
    /// About how many bytes it will be; nil if nobody knows.
    public var expectedSize: Int64?
    /// Gives a stretch of bytes that the stream has given before. Nil: the store keeps in memory what it may have to
    /// send twice, and so sends less at once.
    public var reread: (@Sendable (Range<Int64>) async throws -> ByteStream)?
    /// What is noted for a later run that goes on; nil: an upload that is stopped begins again.
    package var notes: UploadNotes?
    /// Is told how many bytes are on the other side, or on their way; fewer than before when some have to be sent again.
    public var onProgress: @Sendable (Int64) -> Void
    /// Is told in a sentence of what went wrong and is fixed.
    public var onNotice: @Sendable (MigrationNotice) -> Void

    /// An upload; see the properties.
    public init(
        stream: ByteStream, expectedSize: Int64? = nil,
        reread: (@Sendable (Range<Int64>) async throws -> ByteStream)? = nil,
        onProgress: @escaping @Sendable (Int64) -> Void = { _ in },
        onNotice: @escaping @Sendable (MigrationNotice) -> Void = { _ in }
    ) {
        self.stream = stream
        self.expectedSize = expectedSize
        self.reread = reread
        self.onProgress = onProgress
        self.onNotice = onNotice
    }

    /// One that a later run may go on with.
    package init(
        stream: ByteStream, expectedSize: Int64? = nil,
        reread: (@Sendable (Range<Int64>) async throws -> ByteStream)? = nil, notes: UploadNotes?,
        onProgress: @escaping @Sendable (Int64) -> Void = { _ in },
        onNotice: @escaping @Sendable (MigrationNotice) -> Void = { _ in }
    ) {
        self.init(
            stream: stream, expectedSize: expectedSize, reread: reread, onProgress: onProgress, onNotice: onNotice)
        self.notes = notes
    }
}
