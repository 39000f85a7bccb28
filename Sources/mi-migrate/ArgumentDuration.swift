import ArgumentParser
import MigrationKitCommandSupport

/// A duration as users of `src` write it: `90s`, `10m`, `1h30m`; and in days: `14d`.
struct ArgumentDuration: ExpressibleByArgument {
    var duration: Duration

    init(_ duration: Duration) { self.duration = duration }

    init?(argument: String) {
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

    var defaultValueDescription: String { duration == .zero ? "0" : Quantity.duration(duration) }
}
