import MigrationKitCLibrary
internal import MigrationKitFoundation
import Synchronization

/// Shows events on standard error: live lines on a terminal, plain lines elsewhere, or one JSON object a line.
public final class Console: Sendable {
    /// How events are shown.
    public enum Style: Sendable {
        /// Lines that are drawn again as work goes on.
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
        style = json ? .json : draws && !Talk.isQuiet ? .live : .plain
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
        let event = NextCommand.completing(event)
        state.withLock { update(&$0, event) }
    }

    /// Shows what a run came to, where events are wanted as JSON.
    public func show(result: some Encodable) {
        guard style == .json, let text = try? JSONText.encode(["result": result], pretty: false) else { return }
        _ = state.withLock { _ in StandardStream.output.write(text) }
    }

    /// Shows a secret to whoever runs the command: on standard output, at once, and nowhere else.
    ///
    /// - Throws: ``MigrationError`` if standard output does not take it: nobody may believe that it was handed over.
    package func show(_ secret: OperatorSecret) throws {
        let isTaken = state.withLock { state in
            if style == .json { return StandardStream.output.write(EventJSON.line(secret)) }
            erase(&state)
            let lines = "\(secret.what): \(secret.text.revealed)".split(whereSeparator: \.isNewline)
            let text = lines.map { String($0).printable }.joined(separator: "\n")
            defer {
                state.lastDrawn = nil
                if style == .live { draw(&state) }
            }
            return StandardStream.output.write(text)
        }
        if !isTaken, let failure = StandardStream.failure { throw failure }
    }

    private func update(_ state: inout State, _ event: MigrationEvent) {
        let ended: ProgressLine? =
            if case .finished(let name, _) = event { state.works.first { $0.name == name }?.progress() } else { nil }
        let progress = state.works.take(event)
        switch event {
        case .advanced(let name, _, _) where style == .json:
            // Of progress no more than a program can want.
            let isDue = state.isDue(name, every: Self.jsonInterval)
            state.heldBack[name] = isDue ? nil : (event, progress)
            if isDue { StandardStream.output.write(EventJSON.line(event, progress)) }
        case _ where style == .json:
            // But where it ended.
            if case .finished(let name, _) = event, let (last, progress) = state.heldBack.removeValue(forKey: name) {
                StandardStream.output.write(EventJSON.line(last, progress))
            }
            StandardStream.output.write(EventJSON.line(event, ended))
        case .started(let name, _): state.lastShown[name] = .now
        case .advanced: if style == .live { draw(&state) }
        case .finished(_, summary: ""): if style == .live { erase(&state) }
        case .finished, .notice: if let text = event.text { permanent(&state, text, matters: false) }
        case .failed, .warning: if let text = event.text { permanent(&state, text, matters: true) }
        }
    }

    /// A line that stays, above those that are drawn again.
    private func permanent(_ state: inout State, _ text: String, matters: Bool) {
        erase(&state)
        Talk.say(text, matters: matters)
        state.lastDrawn = nil
        if style == .live { draw(&state) }
    }

    private func log(_ state: inout State) {
        guard !Talk.isQuiet else { return }
        for work in state.works where state.isDue(work.name, every: Self.plainInterval) {
            StandardStream.errors.write(work.progress().text)
        }
    }

    private func draw(_ state: inout State) {
        if let last = state.lastDrawn, ContinuousClock.now - last < Self.drawInterval { return }
        erase(&state)
        // Nothing drawn is not something drawn a moment ago.
        guard !state.works.isEmpty else { return }
        let nameWidth = state.works.map(\.name.count).max() ?? 0
        for work in state.works {
            StandardStream.errors.write(work.progress().text(width: Self.width - 1, nameWidth: nameWidth))
        }
        state.drawnLines = state.works.count
        state.lastDrawn = .now
    }

    private func erase(_ state: inout State) {
        guard state.drawnLines > 0 else { return }
        StandardStream.errors.write("\r\u{1B}[\(state.drawnLines)A\u{1B}[J", terminator: "")
        state.drawnLines = 0
    }

    /// A line for each work that goes on: how far it is.
    package var liveLines: [String] { state.withLock { $0.works.map { $0.progress().text } } }

    /// What is left of bytes that are on their way, and about how long that takes: ` (at most 268 MB, about 2 min)`.
    package func remaining(atMost bytes: Int64) -> String {
        let lines = state.withLock { $0.works.map { $0.progress() } }
        let left = lines.allSatisfy { $0.left != nil } ? lines.reduce(0) { $0 + ($1.left ?? 0) } : bytes
        let rate = lines.reduce(0) { $0 + ($1.rate ?? 0) }
        let most = min(bytes, left)
        guard !lines.isEmpty, most > 0 else { return "" }
        let time = rate > 0 ? ", about \(Quantity.duration(.seconds(most / rate + 1)))" : ""
        return " (at most \(Quantity.bytes(most))\(time))"
    }

    private static var width: Int {
        var size = winsize()
        let known = ioctl(2, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        return known ? Int(size.ws_col) : 80
    }
}
