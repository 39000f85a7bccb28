import ArgumentParser
import MigrationKitCommandSupport

/// What a customer runs.
@main
struct SrcSnapshot: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "src-snapshot",
        abstract: "Export a self-hosted Sourcegraph's databases to a bucket, with every dump checked for completeness.",
        discussion: """
            A typical export, on a machine that can reach the databases. Examples:

              export SRC_ENDPOINT=https://sourcegraph.example.com SRC_ACCESS_TOKEN=…
              src-snapshot run docker --bucket=$BUCKET --credentials=$CREDENTIALS_FILE

            The same in steps, by way of dumps on this machine's disk:

              src-snapshot check docker
              src-snapshot notice add
              src-snapshot databases docker --run
              src-snapshot summary
              src-snapshot upload --bucket=$BUCKET --credentials=$CREDENTIALS_FILE

            $BUCKET is a Google bucket or a folder. If a command is interrupted, run it again: an upload resumes where it \
            stopped, and `run` starts again. Losing the terminal stops a command, as Ctrl-C does: run long commands in \
            tmux, or with nohup.

            Exit status: 0 success, 1 failed, 2 wrong usage, 3 a requirement is not met, 4 a dump or the snapshot is \
            damaged, 8 another run is active, 130 interrupted.
            """,
        version: MigrationKitVersion.described,
        subcommands: [
            Run.self, Login.self, Check.self, Notice.self, Databases.self, Summary.self, Upload.self, Verify.self,
            Init.self, Completion.self,
        ]
    )

    @OptionGroup(title: "Output") var output: OutputOptions

    static func main() {
        CommandRunner.main(Self.self)
    }
}
