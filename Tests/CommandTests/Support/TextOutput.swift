import Subprocess

/// What a program prints, as text. Without an optimiser `.string` takes a second for some megabytes: it goes through them
/// byte by byte.
struct TextOutput: OutputProtocol, ErrorOutputProtocol {
    let maxSize: Int

    func output(from span: RawSpan) throws -> String {
        span.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }
}

extension OutputProtocol where Self == TextOutput {
    static func text(limit: Int) -> Self { Self(maxSize: limit) }
}
