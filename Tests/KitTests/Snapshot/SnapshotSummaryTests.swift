import Foundation
import Testing

@testable import MigrationKitBase
@testable import MigrationKitSourcegraphAPI

@Suite struct SnapshotSummaryTests {
    /// What `src snapshot summary` writes.
    private static let bySrc = """
        {
        \t"ExternalServices": {
        \t\t"TotalCount": 2,
        \t\t"Nodes": [
        \t\t\t{
        \t\t\t\t"Kind": "GITHUB",
        \t\t\t\t"ID": "RXh0ZXJuYWxTZXJ2aWNlOjI="
        \t\t\t},
        \t\t\t{
        \t\t\t\t"Kind": "GITLAB",
        \t\t\t\t"ID": "RXh0ZXJuYWxTZXJ2aWNlOjE="
        \t\t\t}
        \t\t]
        \t},
        \t"Site": {
        \t\t"AuthProviders": {
        \t\t\t"TotalCount": 1,
        \t\t\t"Nodes": [
        \t\t\t\t{
        \t\t\t\t\t"ServiceType": "builtin",
        \t\t\t\t\t"ServiceID": ""
        \t\t\t\t}
        \t\t\t]
        \t\t}
        \t}
        }

        """

    private func read(_ text: String) throws -> SnapshotSummary {
        try SnapshotSummary(json: Array(text.utf8), name: "summary.json")
    }

    @Test func whatSrcWroteIsWrittenByteForByte() throws {
        let summary = try read(Self.bySrc)
        #expect(summary.externalServices.map(\.kind) == ["GITHUB", "GITLAB"])
        #expect(summary.authProviders == [.init(serviceType: "builtin", serviceID: "")])
        #expect(summary.instance == nil)
        #expect(summary.text == Self.bySrc)
    }

    @Test func emptyListsAreWrittenAsGoDoes() {
        let text = SnapshotSummary(externalServices: [], authProviders: []).text
        #expect(text.contains("\t\t\"TotalCount\": 0,\n\t\t\"Nodes\": []\n"))
    }

    @Test func textIsEscapedAsGoDoes() throws {
        let strange = "a<b>&\"\\\n\t\u{1}\u{2028}é🚨"
        let text = SnapshotSummary(
            externalServices: [], authProviders: [.init(serviceType: strange, serviceID: "")]
        ).text
        #expect(text.contains(#""a\u003cb\u003e\u0026\"\\\n\t\u0001\u2028é🚨""#))
        #expect(try read(text).authProviders.map(\.serviceType) == [strange])
    }

    @Test func whatWeAddIsReadBackAndLeavesTheRestAsItIs() throws {
        var summary = try read(Self.bySrc)
        summary.instance = .init(
            productVersion: "5.1.8", siteID: "id", codeHosts: ["GITHUB": 1, "GITLAB": 1], counts: ["users": 3],
            notCounted: ["executors": "none"], alerts: ["<b>"])
        #expect(try read(summary.text) == summary)
        #expect(summary.text.hasPrefix(Self.bySrc.dropLast(3)))
    }

    @Test func casesOfKeysDoNotMatter() throws {
        let text = Self.bySrc.replacing("ExternalServices", with: "externalservices").replacing(
            "\"ID\"", with: "\"id\"")
        #expect(try read(text).externalServices.count == 2)
    }

    @Test func absentListIsEmpty() throws {
        let text =
            #"{"ExternalServices":{"TotalCount":0,"Nodes":null},"Site":{"AuthProviders":{"TotalCount":0,"Nodes":null}}}"#
        #expect(try read(text).externalServices.isEmpty)
    }

    @Test(arguments: [
        ("", "it is not valid JSON"),
        ("[]", "`ExternalServices` is missing"),
        (#"{"ExternalServices":{"TotalCount":0,"Nodes":[]}}"#, "`Site` is missing"),
        (
            #"{"ExternalServices":{"TotalCount":3,"Nodes":[]},"Site":{"AuthProviders":{"TotalCount":0,"Nodes":[]}}}"#,
            "it has 0 of 3 nodes of `ExternalServices`"
        ),
        (
            #"{"ExternalServices":{"TotalCount":0,"Nodes":{}},"Site":{"AuthProviders":{"TotalCount":0,"Nodes":[]}}}"#,
            "`ExternalServices.Nodes` is not a list"
        ),
        (
            #"{"ExternalServices":{"Nodes":[]},"Site":{"AuthProviders":{"TotalCount":0,"Nodes":[]}}}"#,
            "`ExternalServices` has no TotalCount"
        ),
        (
            #"{"ExternalServices":{"TotalCount":1,"Nodes":[{"Kind":"GITHUB"}]},"Site":{"AuthProviders":{"TotalCount":0,"Nodes":[]}}}"#,
            "has a node without Kind or ID"
        ),
        (
            #"{"ExternalServices":{"TotalCount":2,"Nodes":[{"Kind":"A","ID":"1"},{"Kind":"B","ID":"1"}]},"Site":{"AuthProviders":{"TotalCount":0,"Nodes":[]}}}"#,
            "lists a code host connection twice"
        ),
    ])
    func whatIsNoSummaryIsRefused(text: String, reason: String) {
        let error = #expect(throws: MigrationError.self) { try read(text) }
        #expect(error?.message.contains(reason) == true, "\(String(describing: error))")
        #expect(error?.code == .damagedSnapshot && error?.next != nil)
    }
}
