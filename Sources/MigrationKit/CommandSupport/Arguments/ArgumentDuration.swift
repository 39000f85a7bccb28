import ArgumentParser

/// A duration as users of `src` write it: `90s`, `10m`, `1h30m`; and in days: `14d`.
package struct ArgumentDuration: ExpressibleByArgument, CustomStringConvertible {
    package var duration: Duration

    package init(_ duration: Duration) { self.duration = duration }

    package init?(argument: String) {
        var seconds = 0.0
        var number = ""
        for character in argument {
            if character.isASCII, character.isNumber || character == "." {
                number.append(character)
            } else {
                guard let value = Double(number), let unit = ["d": 86400.0, "h": 3600, "m": 60, "s": 1][character]
                else {
                    return nil
                }
                seconds += value * unit
                number = ""
            }
        }
        // Go wants a unit, except for 0.
        guard number.isEmpty ? !argument.isEmpty : argument == "0", seconds <= 366 * 24 * 3600 else { return nil }
        duration = .seconds(seconds)
    }

    /// The same for an option that has always taken a number of seconds.
    ///
    /// - Throws: `ValidationError` for what is neither.
    package static func orSeconds(_ text: String) throws -> ArgumentDuration {
        let isNumber = !text.isEmpty && text.allSatisfy { $0.isASCII && $0.isNumber }
        guard let duration = ArgumentDuration(argument: isNumber ? "\(text)s" : text) else {
            throw ValidationError("Write a number and a unit, such as 90s, 15m or 1h30m.")
        }
        return duration
    }

    /// As it is written: `15m`, `1h30m`, `90s` is `1m30s`.
    package var description: String {
        let seconds = Int(duration / .seconds(1))
        let parts = [(seconds / 3600, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")]
        let text = parts.filter { $0.0 > 0 }.map { "\($0.0)\($0.1)" }.joined()
        return text.isEmpty ? "0" : text
    }

    package var defaultValueDescription: String { description }
}
