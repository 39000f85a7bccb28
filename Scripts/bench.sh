#!/usr/bin/env bash
# All measurements, one after the other, as ratios of what other programs take on this machine. RUNS=N: medians of N
# runs, not of 3.
#
#   Scripts/bench.sh [FOLDER OF THE BUILT COMMANDS]
set -euo pipefail

folder=$(dirname "$0")
"$folder/bench-dump.sh" "$@"
"$folder/bench-upload.sh" "$@"
"$folder/bench-run.sh" "$@"
"$folder/bench-import.sh" "$@"
