package import Subprocess

/// What a program prints, as text. Without an optimiser `.string` takes a second for some megabytes: it goes through them
/// byte by byte.
package struct TextOutput: OutputProtocol, ErrorOutputProtocol {
    package let maxSize: Int

    package func output(from span: RawSpan) throws -> String {
        span.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }
}

extension OutputProtocol where Self == TextOutput {
    package static func text(limit: Int) -> Self { Self(maxSize: limit) }
}
