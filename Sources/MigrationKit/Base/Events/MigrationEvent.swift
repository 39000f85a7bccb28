/// Something that happened on the way. Terminal bars, JSON lines and another program's display all read these.
public enum MigrationEvent: Sendable {
    /// Work on one thing has begun, such as `primary`; `total` in bytes where it is known.
    case started(String, total: Int64?)
    /// So many bytes of it have passed; `detail` says what is passing, such as a table.
    case advanced(String, bytes: Int64, detail: String?)
    /// It is done; an empty summary says that a line elsewhere tells of it.
    case finished(String, summary: String)
    /// It has failed; other work may go on.
    case failed(String, MigrationError)
    /// A step of the flow begins or something is worth knowing.
    case notice(MigrationNotice)
    /// Something to look at, though the flow goes on.
    case warning(MigrationNotice)
}

/// Takes events as they happen; called from several tasks at once.
public typealias MigrationEventHandler = @Sendable (MigrationEvent) -> Void
