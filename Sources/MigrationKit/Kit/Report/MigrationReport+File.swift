internal import NIOCore
public import SystemPackage

extension MigrationReport {
    /// In what form a report is written.
    public enum Form: String, Sendable {
        /// A page for people, complete in one file.
        case html
        /// For programs.
        case json

        /// The form that a file's name asks for by its ending.
        ///
        /// - Throws: ``MigrationError`` with code `usage` for any other ending.
        public init(of path: FilePath) throws {
            guard let form = path.extension.flatMap({ Form(rawValue: $0.lowercased()) }) else {
                throw MigrationError(
                    .usage, "\(path.string.printable) is not a report file name.",
                    next: "Use a name that ends in .html or .json.")
            }
            self = form
        }
    }

    /// The report in a form.
    ///
    /// - Throws: An `EncodingError` for what JSON cannot hold.
    public func text(_ form: Form) throws -> String {
        switch form {
        case .html: ReportPage(report: self).text
        case .json: try JSONText.encode(self) + "\n"
        }
    }

    /// Writes the report to a file, for its owner alone; the file appears when it is whole.
    ///
    /// - Parameter path: Its name; `.html` or `.json` at its end says in what form.
    /// - Throws: ``MigrationError`` for another name, or if the disk refuses.
    public func write(to path: FilePath) async throws {
        let text = try text(Form(of: path))
        try await AtomicFile.write(path) { try await $0.append(ByteBuffer(string: text)) }
    }
}
