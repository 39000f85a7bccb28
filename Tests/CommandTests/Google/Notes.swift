import Foundation
import TestClusters

@testable import MigrationKit

/// Notes in a folder of their own, as they are read by one run after the other.
struct Notes {
    let folder: ScratchFolder
    let notes: UploadNotes

    /// Notes of an upload that has just begun.
    static func begun() throws -> Notes {
        let folder = try ScratchFolder.temporary()
        let notes = UploadNotes(path: folder.file("a.sql"))
        try notes.begin(object: "gs://bucket/a.sql", source: "the same")
        return Notes(folder: folder, notes: notes)
    }

    /// The notes as the next run reads them.
    func reopened() -> UploadNotes { UploadNotes(path: folder.file("a.sql")) }

    var text: String { get throws { try folder.text("a.sql") } }

    func change(_ body: (inout String) -> Void) throws {
        var text = try text
        body(&text)
        try folder.write("a.sql", text)
    }
}
