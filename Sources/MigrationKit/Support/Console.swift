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

    private struct State {
        var works: [WorkInProgress] = []
        var lastShown: [String: ContinuousClock.Instant] = [:]
        var heldBack: [String: (MigrationEvent, ProgressLine?)] = [:]
        var drawnLines = 0
        var lastDrawn: ContinuousClock.Instant?

        /// Whether a work's progress was last shown so long ago that it may be shown again, which it then counts as.
        mutating func isDue(_ name: String, every interval: Duration) -> Bool {
            if let last = lastShown[name], ContinuousClock.now - last < interval { return false }
            lastShown[name] = .now
            return true
        }
    }

    private let style: Style
    private let state = Mutex(State())

    private static let drawInterval = Duration.milliseconds(100)
    private static let jsonInterval = Duration.seconds(1)
    private static let plainInterval = Duration.seconds(5)

    /// Makes a console.
    ///
    /// - Parameter json: Whether events are wanted as JSON; else it is live where standard error is a terminal that can
    ///   draw over what it shows (`TERM` is not `dumb`).
    public init(json: Bool = false) {
        let draws = isatty(2) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
        style = json ? .json : draws ? .live : .plain
        if style != .json { keepShowing() }
    }

    /// Time passes though nothing comes, so that a person sees who is waiting and for how long.
    private func keepShowing() {
        Task { [weak self] in
            while true {
                try await Task.sleep(for: .seconds(1))
                guard let self else { return }
                state.withLock { style == .live ? draw(&$0) : log(&$0) }
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

    /// Shows a secret to whoever runs the command: on standard output, at once, and nowhere else.
    public func show(_ secret: OperatorSecret) {
        state.withLock { state in
            if style == .json { return Self.write(EventJSON.line(secret), to: 1) }
            erase(&state)
            let lines = "\(secret.what): \(secret.text.revealed)".split(whereSeparator: \.isNewline)
            for line in lines { Self.write(String(line).printable, to: 1) }
            state.lastDrawn = nil
            if style == .live { draw(&state) }
        }
    }

    private func update(_ state: inout State, _ event: MigrationEvent) {
        let progress = state.works.take(event)
        switch event {
        case .advanced(let name, _, _) where style == .json:
            // Of progress no more than a program can want.
            let isDue = state.isDue(name, every: Self.jsonInterval)
            state.heldBack[name] = isDue ? nil : (event, progress)
            if isDue { Self.write(EventJSON.line(event, progress), to: 1) }
        case _ where style == .json:
            // But where it ended.
            if case .finished(let name, _) = event, let (last, progress) = state.heldBack.removeValue(forKey: name) {
                Self.write(EventJSON.line(last, progress), to: 1)
            }
            Self.write(EventJSON.line(event), to: 1)
        case .started(let name, _): state.lastShown[name] = .now
        case .advanced: if style == .live { draw(&state) }
        case .finished(_, summary: ""): if style == .live { erase(&state) }
        case .finished(let name, let summary): permanent(&state, "\(name): \(summary)")
        case .failed(let name, let error): permanent(&state, "\(name): failed. \(error.message)")
        case .notice(let text): permanent(&state, text)
        case .warning(let text): permanent(&state, "warning: \(text)")
        }
    }

    /// A line that stays, above those that are drawn anew.
    private func permanent(_ state: inout State, _ text: String) {
        erase(&state)
        for line in text.redacted.split(separator: "\n") { Self.write(String(line).printable, to: 2) }
        state.lastDrawn = nil
        if style == .live { draw(&state) }
    }

    private func log(_ state: inout State) {
        for work in state.works where state.isDue(work.name, every: Self.plainInterval) {
            Self.write(work.progress().text, to: 2)
        }
    }

    private func draw(_ state: inout State) {
        if let last = state.lastDrawn, ContinuousClock.now - last < Self.drawInterval { return }
        erase(&state)
        let nameWidth = state.works.map(\.name.count).max() ?? 0
        for work in state.works {
            Self.write(work.progress().text(width: Self.width - 1, nameWidth: nameWidth), to: 2)
        }
        state.drawnLines = state.works.count
        state.lastDrawn = .now
    }

    private func erase(_ state: inout State) {
        guard state.drawnLines > 0 else { return }
        Self.write("\r\u{1B}[\(state.drawnLines)A\u{1B}[J", to: 2, terminator: "")
        state.drawnLines = 0
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
