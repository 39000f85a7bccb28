import FakeServer
import Foundation
import NIOCore
import NIOHTTP1
import Subprocess
import SystemPackage
import TestClusters
import Testing

/// A real browser without a window, and a report in it.
struct Chromium: Sendable {
    let workplace: Workplace
    private let program: String

    init(_ workplace: Workplace) async throws {
        self.workplace = workplace
        let script = HeldScript.repository.appending("Scripts/chromium.sh")
        let found = try await workplace.run(
            "/usr/bin/env", ["bash", script.string], environment: ["PATH": ChildEnvironment.searchPath])
        try #require(found.exit == 0, "\(found.errors)")
        program = found.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Opens an address, and ends.
    ///
    /// - Returns: What it printed, and what stood on the page's console: errors and refusals.
    func open(_ address: String, _ flags: String...) async throws -> (output: String, console: [String]) {
        let profile = "profile-\(UUID().uuidString)"
        var arguments = [
            "--headless", "--disable-gpu", "--no-first-run", "--disable-extensions", "--disable-dev-shm-usage",
            "--enable-logging=stderr", "--user-data-dir=\(workplace.folder.file(profile))",
        ]
        // Root's processes have no sandbox of their own.
        if geteuid() == 0 { arguments.append("--no-sandbox") }
        let run = try await workplace.run(program, arguments + flags + [address])
        try #require(run.exit == 0, "\(run.errors)")
        try? workplace.folder.remove(profile)
        return (
            run.output, run.errors.split(separator: "\n").filter { $0.contains(":CONSOLE") }.map(String.init)
        )
    }

    /// How a page looks in a frame of a width.
    struct Look: Decodable {
        /// The frame's width, and how wide what is in it is.
        var inner: Int
        var scroll: Int
        /// The word of the verdict, and how high it stands there.
        var word: String
        var height: Double
        /// How high all of it is.
        var page: Double
        /// How many elements could do something.
        var active: Int
        /// How many attributes are handlers.
        var handlers: Int
        /// All of the text.
        var text: String
        /// How many elements reach beyond the frame without a box of their own to scroll in.
        var sticking: Int
    }

    /// Opens a page in a frame of a harness page, which looks at it with everything unfolded.
    func look(at page: String, width: Int) async throws -> (look: Look, console: [String]) {
        let harness = """
            <!DOCTYPE html><title>harness</title>
            <iframe id="frame" src="/report.html" style="width:\(width)px;height:3000px;border:0"></iframe>
            <script>
            document.getElementById('frame').onload = event => {
              const view = event.target.contentWindow, page = view.document, root = page.documentElement;
              for (const one of page.querySelectorAll('details')) one.open = true;
              const word = page.querySelector('.word'), all = [...page.querySelectorAll('*')];
              const look = {
                inner: view.innerWidth, scroll: root.scrollWidth, word: word.innerText,
                height: word.getBoundingClientRect().height, page: root.scrollHeight, text: page.body.innerText,
                active: page.querySelectorAll(
                  'script, img, iframe, object, embed, link, form, input, base, a:not([href^="#"])').length,
                handlers: all.filter(one => one.getAttributeNames().some(name => name.startsWith('on'))).length,
                sticking: all.filter(one => one.getBoundingClientRect().right > view.innerWidth + 1
                  && !one.closest('.scroll') && !one.closest('svg')).length };
              const bytes = new TextEncoder().encode(JSON.stringify(look));
              document.title = btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join(''));
            };
            </script>
            """
        let server = try await HTTPServer { connection in
            while let head = await connection.nextHead() {
                while let part = try? await connection.nextBody() { _ = part }
                let isPage = head.uri == "/report.html"
                guard isPage || head.uri == "/" else {
                    try? await connection.write(ByteBuffer(string: "HTTP/1.1 204 None\r\n\r\n"))
                    continue
                }
                let body = isPage ? page : harness
                let lines =
                    "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
                try? await connection.write(ByteBuffer(string: lines + body))
            }
        }
        let opened = try await open("http://127.0.0.1:\(server.port)/", "--dump-dom", "--window-size=1400,1000")
        await server.stop()
        let title = opened.output.split(separator: "<title>").dropFirst().first?.split(separator: "<").first ?? ""
        let data = try #require(Data(base64Encoded: String(title)), "\(opened.output)")
        return (try JSONDecoder().decode(Look.self, from: data), opened.console)
    }
}
