import SystemPackage
import Testing

@testable import MigrationKit
@testable import MigrationKitBase

/// What names a machine, and how a script gets there.
struct InstanceAddressTests {
    @Test(arguments: [
        ("local", "local"), ("ssh://sre@10.0.0.4", "ssh://sre@10.0.0.4"), ("vm:2222", "ssh://vm:2222"),
        ("customer-vm", "ssh://customer-vm"), ("ssh://[2001:db8::1]:22", "ssh://2001:db8::1:22"),
        ("gcloud://acme-prod/us-central1-a/vm-1", "gcloud://acme-prod/us-central1-a/vm-1"),
        ("mi://acme", "mi://acme"), ("mi:", "mi:"),
    ])
    func machineIsRead(text: String, isRead: String) throws {
        #expect(try InstanceAddress(text).description == isRead)
    }

    @Test(arguments: [
        "", "-oProxyCommand=id", "ssh://-oProxyCommand=id", "a@-b", "vm; id", "vm $(id)", "vm\n", "ssh://",
        "gcloud://a/b",
        "gcloud://acme-prod/--zone/vm", "mi://--help", "http://vm", "a b",
    ])
    func whatIsNoMachineIsRefused(text: String) {
        #expect(throws: MigrationError.self) { try InstanceAddress(text) }
    }

    @Test func scriptIsOneWordWhereverItGoes() throws {
        let script = "echo 'a' \"$b\"\ncd /"
        let quoted = #"'echo '\''a'\'' "$b""# + "\ncd /'"
        func last(_ address: String) throws -> String? {
            InstanceShell(try InstanceAddress(address)).command(script).arguments.last
        }
        #expect(try last("local") == script)
        #expect(try last("ssh://sre@vm") == "sh -c \(quoted)")
        #expect(try last("mi://acme") == "sh -c \(quoted)")
        #expect(try last("gcloud://acme-prod/us-central1-a/vm") == "--command=sh -c \(quoted)")
    }

    @Test func sshAsksNobody() throws {
        var shell = InstanceShell(try InstanceAddress("ssh://sre@vm:2222"))
        (shell.key, shell.configuration) = ("/k", "/c")
        let arguments = shell.command("true").arguments
        #expect(arguments.contains("BatchMode=yes"))
        #expect(arguments.suffix(8) == ["-F", "/c", "-i", "/k", "-p", "2222", "sre@vm", "sh -c true"])
    }

    @Test(arguments: [
        ("index.docker.io/sourcegraph/migrator:5.1.8@sha256:abc", "5.1.8"),
        ("sourcegraph/migrator:insiders", "insiders"),
        ("registry:5000/migrator:4.5.1", "4.5.1"),
    ])
    func tagOfAnImageIsRead(image: String, tag: String) {
        #expect(ComposeInstance.tag(of: image) == tag)
    }

    @Test(arguments: ["registry:5000/sourcegraph/migrator", "migrator", "migrator@sha256:abc", ""])
    func imageWithoutATagHasNone(image: String) {
        #expect(ComposeInstance.tag(of: image) == nil)
    }

    @Test(arguments: [
        InstanceAddress.ssh(destination: "-oProxyCommand=false", port: nil),
        .gcloud(project: "project", zone: "us-central1-a", name: "--help"), .mi(customer: "-x"),
    ])
    func nameThatWouldBeAnOptionIsRefused(address: InstanceAddress) async throws {
        let error = await #expect(throws: MigrationError.self) { _ = try await InstanceShell(address).run("true") }
        #expect(error?.code == .usage)
    }
}
