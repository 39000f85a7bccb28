/// What compose and docker tell of their own progress: `Creating worker ... done`, `Container worker  Started`,
/// `9a1e: Pull complete`. None of it is a reason for anything, and there may be hundreds of lines of it.
///
/// `Pulling worker (IMAGE)...` is no such line: no other names the image that a registry refuses.
enum ComposeProgress {
    /// Lines without those that only tell of progress.
    ///
    /// - Parameter lines: Each with its words apart by single spaces.
    static func removed(from lines: [String]) -> [String] { lines.filter { !tells($0) } }

    /// Whether a line tells of nothing else.
    static func tells(_ line: String) -> Bool {
        let text = line.trimmingPrefix { !$0.isLetter && !$0.isNumber && $0 != "[" }
        return forms.contains { text.wholeMatch(of: $0) != nil }
    }

    private static var forms: [Regex<Substring>] {
        [
            // docker-compose.
            /(?:Creating|Recreating|Starting|Restarting|Stopping|Killing|Removing|Building) [^ ]+ ?\.\.\.(?: done)?/,
            /Creating (?:network|volume) "[^ "]+" with .*/,
            /Removing (?:network|volume) [^ ]+/,
            /[^ ]+ is up-to-date/,
            /Attaching to .*/,
            // The plugin.
            /\[\+\] (?:[a-z]+|[A-Z][a-z]+) [0-9]+\/[0-9]+/,
            /(?:(?:Container|Network|Volume|Image) )?[^ ]+ (?:Creating|Created|Recreate|Recreated|Starting|Started|Restarting|Restarted|Running|Stopping|Stopped|Killing|Killed|Removing|Removed|Waiting|Healthy|Exited|Pulling|Pulled|Building|Built|Skipped)(?: [0-9.]+m?s)?/,
            // Of images.
            /[^ ]+:? (?:Pulling fs layer|Pulling from [^ ]+|Waiting|Downloading .*|Verifying Checksum|Download complete|Extracting .*|Pull complete|Already exists)/,
            /Digest: sha256:[0-9a-f]+/,
            /Status: (?:Downloaded newer image|Image is up to date) for [^ ]+/,
        ]
    }
}
