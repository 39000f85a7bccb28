/// How dumps get into a Cloud SQL instance.
package enum ImportWay: String, Sendable, Codable, CaseIterable {
    /// Over a connection to its PostgreSQL: as many sessions as are wanted load at once.
    case connection
    /// Through Google's Admin API: the instance fetches one object at a time.
    case api
}
