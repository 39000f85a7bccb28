import FakeGoogle
import Foundation
import SystemPackage
import TestClusters
import Testing

@testable import MigrationKit
@testable import MigrationKitBase

/// The file that says how far an upload is survives whatever stops whoever writes it.
@Suite(.serialized, .timeLimit(.minutes(30))) struct NotesFileTests {
    private let part = UploadNotes.Part(number: 1, size: 5 << 20, crc32c: 7, etag: "\"a\"")

    @Test func onlyItsOwnerMayReadIt() throws {
        let notes = try Notes.begun()
        #expect(try notes.folder.mode("a.sql") == 0o600)
        try notes.notes.note(session: "http://127.0.0.1/upload?id=secret")
        try notes.notes.note(uploadID: "id", partSize: 5 << 20)
        try notes.notes.note(part)
        #expect(try notes.folder.mode("a.sql") == 0o600)
        #expect(try notes.folder.list(".") == ["a.sql", "bin"])
    }

    @Test func whatIsNotedIsRead() throws {
        let notes = try Notes.begun()
        try notes.notes.note(uploadID: "id", partSize: 5 << 20)
        try notes.notes.note(part)
        try notes.notes.noteCompleting(size: 5 << 20)
        let state = notes.reopened().current
        let begun = try #require(state.begun)
        #expect(begun.object == "gs://bucket/a.sql" && begun.source == "the same" && begun.partSize == 5 << 20)
        #expect(state.uploadID == "id" && state.parts == [1: part] && state.isCompleting)
        try notes.notes.noteRefused()
        #expect(notes.reopened().current.isCompleting == false)
        try notes.notes.startOver()
        #expect(notes.reopened().current.uploadID == nil && notes.reopened().current.parts == [:])
        #expect(notes.reopened().current.begun?.source == "the same")
    }

    @Test func lineThatIsTornAnywhereIsForgottenAndNoMore() throws {
        let notes = try Notes.begun()
        try notes.notes.note(uploadID: "id", partSize: 5 << 20)
        let before = try notes.folder.bytes("a.sql")
        try notes.notes.note(part)
        let after = try notes.folder.bytes("a.sql")
        for count in before.count..<after.count {
            try notes.folder.write("a.sql", after.prefix(count))
            let reopened = notes.reopened()
            #expect(reopened.current.uploadID == "id" && reopened.current.parts == [:])
            try reopened.note(part)
            #expect(notes.reopened().current.parts == [1: part], "torn after \(count) bytes")
        }
    }

    @Test(arguments: [
        "", "\n", "garbage\n", "{}\n", "[1]\n{\"part\":{}}\n", "\u{0}\u{0}\n", "{\"uploadID\":7}\n",
        "{\"part\":{\"number\":1,\"size\":1e99,\"crc32c\":-1,\"etag\":\"\"}}\n",
    ])
    func garbageIsNoNotes(text: String) throws {
        let notes = try Notes.begun()
        try notes.change { $0 = text }
        let state = notes.reopened().current
        #expect(state.begun == nil && state.uploadID == nil && state.parts == [:])
    }

    @Test(arguments: ["garbage\n", "{\"uploadID\":7}\n", "\u{0}\u{0}\u{0}\n"])
    func uploadWithGarbageForNotesBeginsAnew(text: String) async throws {
        try await GoogleBucket.with { bucket in
            let notes = try Notes.begun()
            try notes.change { $0 += text }
            try await bucket.putWell(.threeParts, notes: notes.reopened())
            #expect(bucket.timesSent(1...3) == [1, 1, 1])
        }
    }

    @Test(arguments: [0, -1, 1, Int64.max])
    func partSizeThatNoUploadHasIsNotGoneBy(size: Int64) async throws {
        try await GoogleBucket.with { bucket in
            let notes = try Notes.begun()
            let id = "{\"begun\":{\"object\":\"o\",\"source\":\"s\",\"partSize\":\(size)},\"uploadID\":\"x\"}\n"
            try notes.change { $0 = id }
            try await bucket.putWell(.threeParts, notes: notes.reopened())
        }
    }

    @Test func fileThatCannotBeWrittenStopsTheUpload() async throws {
        try await GoogleBucket.with { bucket in
            let notes = try Notes.begun()
            try notes.folder.remove("a.sql")
            try FileManager.default.createDirectory(
                atPath: notes.folder.file("a.sql").string, withIntermediateDirectories: false)
            let error = try await bucket.refused(.threeParts, notes: notes.notes)
            #expect(
                error.message.contains(
                    "which records the upload's progress, cannot be written") && error.next != nil)
            #expect(bucket.fake.objectNames(in: "bucket") == [])
        }
    }
}
