internal import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Shows events on standard error: live lines on a terminal, plain lines elsewhere, or one JSON object a line.
public final class Console: Sendable {
    /// How events are shown.
    public enum Style: Sendable {
        /// Lines that are drawn anew as work goes on.
        case live
        /// A line a milestone, and one now and then while work goes on.
        case plain
        /// A JSON object a line, on standard output.
        case json
    }

    private struct Work {
        var name: String
        var total: Int64?
        var bytes: Int64 = 0
        var detail: String?
        var start = ContinuousClock.now
        var lastAdvanced = ContinuousClock.now
        var lastShown = ContinuousClock.now
    }

    private struct State {
        var works: [Work] = []
        var drawnLines = 0
        var lastDrawn: ContinuousClock.Instant?
        var lastJSON: [String: ContinuousClock.Instant] = [:]
    }

    private let style: Style
    private let state = Mutex(State())

    private static let drawInterval = Duration.milliseconds(100)
    private static let jsonInterval = Duration.seconds(1)
    private static let waitingInterval = Duration.seconds(5)
    private static let plainInterval = Duration.seconds(10)

    /// Makes a console.
    ///
    /// - Parameter json: Whether events are wanted as JSON; else it is live where standard error is a terminal.
    public init(json: Bool = false) {
        style = json ? .json : isatty(2) == 1 ? .live : .plain
        if style == .live { keepDrawing() }
    }

    /// Time passes on the screen though nothing comes, so that a person sees who is waiting and for how long.
    private func keepDrawing() {
        Task { [weak self] in
            while true {
                try await Task.sleep(for: .seconds(1))
                guard let self else { return }
                state.withLock { draw(&$0) }
            }
        }
    }

    /// Shows an event.
    public func show(_ event: MigrationEvent) {
        state.withLock { update(&$0, event) }
    }

    /// Shows what a run came to, where events are wanted as JSON.
    public func show(result: some Encodable) {
        guard style == .json, let text = try? JSONText.encode(["result": result], pretty: false) else { return }
        state.withLock { _ in Self.write(text, to: 1) }
    }

    private func update(_ state: inout State, _ event: MigrationEvent) {
        if style == .json { return writeJSON(&state, event) }
        switch event {
        case .started(let name, let total):
            state.works.append(Work(name: name, total: total))
        case .advanced(let name, let bytes, let detail):
            guard let index = state.works.firstIndex(where: { $0.name == name }) else { return }
            state.works[index].bytes = bytes
            state.works[index].detail = detail
            state.works[index].lastAdvanced = .now
            if style == .live {
                draw(&state)
            } else if ContinuousClock.now - state.works[index].lastShown > Self.plainInterval {
                state.works[index].lastShown = .now
                Self.write(Self.line(state.works[index]), to: 2)
            }
        case .finished(let name, let summary):
            end(&state, name, "\(name): \(summary)")
        case .failed(let name, let error):
            end(&state, name, "\(name): failed. \(error.message)")
        case .notice(let text):
            permanent(&state, text)
        case .warning(let text):
            permanent(&state, "warning: \(text)")
        }
    }

    /// All events, but of progress no more than a program can want.
    private func writeJSON(_ state: inout State, _ event: MigrationEvent) {
        if case .advanced(let name, _, _) = event {
            if let last = state.lastJSON[name], ContinuousClock.now - last < Self.jsonInterval { return }
            state.lastJSON[name] = .now
        }
        Self.write(EventJSON.line(event), to: 1)
    }

    private func end(_ state: inout State, _ name: String, _ line: String) {
        state.works.removeAll { $0.name == name }
        permanent(&state, line)
    }

    /// A line that stays, above those that are drawn anew.
    private func permanent(_ state: inout State, _ text: String) {
        erase(&state)
        for line in text.split(separator: "\n") { Self.write(String(line).printable, to: 2) }
        state.lastDrawn = nil
        if style == .live { draw(&state) }
    }

    private func draw(_ state: inout State) {
        if let last = state.lastDrawn, ContinuousClock.now - last < Self.drawInterval { return }
        erase(&state)
        for work in state.works { Self.write(String(Self.line(work).prefix(Self.width - 1)), to: 2) }
        state.drawnLines = state.works.count
        state.lastDrawn = .now
    }

    private func erase(_ state: inout State) {
        guard state.drawnLines > 0 else { return }
        Self.write("\u{1B}[\(state.drawnLines)A\u{1B}[J", to: 2, terminator: "")
        state.drawnLines = 0
    }

    private static func line(_ work: Work) -> String {
        let elapsed = ContinuousClock.now - work.start
        var parts = [Quantity.bytes(work.bytes)]
        if let total = work.total, total > 0 { parts[0] += " of about \(Quantity.bytes(total))" }
        parts.append(Quantity.rate(work.bytes, in: elapsed))
        parts.append(Quantity.duration(elapsed))
        if let detail = work.detail { parts.append(detail.printable) }
        let silence = ContinuousClock.now - work.lastAdvanced
        if silence > waitingInterval { parts.append("nothing new for \(Quantity.duration(silence))") }
        return "\(work.name): " + parts.joined(separator: ", ")
    }

    private static var width: Int {
        var size = winsize()
        let known = ioctl(2, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        return known ? Int(size.ws_col) : 80
    }

    /// Straight to the descriptor: nothing is held back when the process ends.
    private static func write(_ text: String, to descriptor: Int32, terminator: String = "\n") {
        let bytes = Array((text + terminator).utf8)
        _ = bytes.withUnsafeBytes { bytes in
            #if canImport(Darwin)
                Darwin.write(descriptor, bytes.baseAddress, bytes.count)
            #elseif canImport(Musl)
                Musl.write(descriptor, bytes.baseAddress, bytes.count)
            #else
                Glibc.write(descriptor, bytes.baseAddress, bytes.count)
            #endif
        }
    }
}
