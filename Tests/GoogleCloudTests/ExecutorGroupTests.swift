import Testing

@testable import MigrationKitBase
@testable import MigrationKitGoogleCloud

@Suite struct ExecutorGroupTests {
    @Test func groupIsReadAndWritten() throws {
        let group = try ExecutorGroup("gcloud://acme-prod/us-central1-a/executors-1")
        #expect("\(group)" == "gcloud://acme-prod/us-central1-a/executors-1")
        let line = group.setting(ExecutorGroup.Scale(isAutomatic: true, size: 0)).maskedLine
        #expect(
            line == "gcloud compute instance-groups managed update-autoscaling executors-1 --project=acme-prod "
                + "--zone=us-central1-a --min-num-replicas=0 --quiet </dev/null")
    }

    @Test(arguments: [
        "", "executors", "gcloud://acme-prod/us-central1-a", "gcloud://acme-prod/us-central1/executors",
        "gcloud://acme-prod/us-central1-a/-x", "gcloud://--help/us-central1-a/x", "ssh://a/b/c",
    ])
    func whatNamesNoGroupIsRefused(text: String) {
        let error = #expect(throws: MigrationError.self) { try ExecutorGroup(text) }
        #expect(error?.code == .usage)
    }

    @Test(arguments: [("min-0", true, 0, nil), ("size-3", false, 3, nil), ("min-0-max-4", true, 0, 4)])
    func scaleIsTakenFromAJournal(text: String, isAutomatic: Bool, size: Int, limit: Int?) {
        let scale = ExecutorGroup.Scale(isAutomatic: isAutomatic, size: size, limit: limit)
        #expect(scale.journaled == text && ExecutorGroup.Scale(journaled: text) == scale)
        #expect(ExecutorGroup.Scale(journaled: "freeze-1x2y") == nil)
    }
}
