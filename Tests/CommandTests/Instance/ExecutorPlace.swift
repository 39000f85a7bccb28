import Foundation
import SystemPackage
import TestClusters

@testable import MigrationKitGoogleCloud

/// A group of machines, as a stand-in of gcloud has it: what it does not know, it refuses.
struct ExecutorPlace: Sendable {
    let folder: ScratchFolder
    let group: ExecutorGroup

    /// - Parameters:
    ///   - mode: The autoscaler's; empty: there is none.
    ///   - size: The fewest machines that it may have, or how many there are.
    ///   - limit: The most.
    init(mode: String = "ON", size: Int = 0, limit: Int = 2) throws {
        folder = try ScratchFolder(in: FilePath(FileManager.default.temporaryDirectory.path))
        try folder.write("gcloud", Self.script, mode: 0o755)
        for (name, value) in [("mode", mode), ("size", "\(size)"), ("limit", "\(limit)"), ("calls", "")] {
            try folder.write(name, value)
        }
        var group = try ExecutorGroup("gcloud://acme-prod/us-central1-a/executors")
        group.program = folder.path.appending("gcloud").string
        self.group = group
    }

    var size: Int { get throws { Int(try folder.text("size").filter { !$0.isWhitespace }) ?? -1 } }

    /// What was asked for, a line each, without what is the same in all.
    var calls: [String] { get throws { try folder.text("calls").split(separator: "\n").map(String.init) } }

    /// What fails from now on, such as `resize`; the second time that it is asked for with `resize 2`.
    func fail(_ what: String) throws { try folder.write("fault", what) }

    private static let script = #"""
        #!/bin/sh
        here=$(dirname "$0")
        refuse() { echo "ERROR: (gcloud) unrecognized arguments: $*" >&2; exit 2; }
        [ "$1 $2 $3" = 'compute instance-groups managed' ] || refuse "$@"
        [ "$5 $6 $7" = 'executors --project=acme-prod --zone=us-central1-a' ] || refuse "$@"
        verb=$4
        shift 7
        echo "$verb $*" >>"$here/calls"
        times=$(grep -c "^$verb " "$here/calls")
        case "$(cat "$here/fault" 2>/dev/null)" in
            "$verb" | "$verb $times") echo 'ERROR: (gcloud) HTTPError 403: permission denied' >&2; exit 1 ;;
        esac
        mode=$(cat "$here/mode")
        size=$(cat "$here/size")
        case "$verb $*" in
            'describe --format=json')
                policy="{\"minNumReplicas\": $size, \"maxNumReplicas\": $(cat "$here/limit"), \"mode\": \"$mode\"}"
                [ -n "$mode" ] && scaler=", \"autoscaler\": {\"status\": \"ACTIVE\", \"autoscalingPolicy\": $policy}"
                echo "{\"name\": \"executors\", \"targetSize\": $size$scaler}" ;;
            'update-autoscaling --min-num-replicas='[0-9]' --quiet')
                [ "$mode" = ON ] || refuse "$@"
                new=${1#--min-num-replicas=}
                echo "$new" >"$here/size" ;;
            'resize --size='[0-9]' --quiet')
                [ "$mode" != ON ] || refuse "$@"
                new=${1#--size=}
                echo "$new" >"$here/size" ;;
            *) refuse "$@" ;;
        esac
        """#
}
