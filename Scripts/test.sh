#!/usr/bin/env bash
# Runs the tests; what failed stands at the end once more, where it can be found among thousands of lines.
set -euo pipefail
cd "$(dirname "$0")/.."

log=.build/tests.log
swift test --disable-xctest 2>&1 | tee "$log" && exit
status=$?
printf '\nWhat failed:\n'
# Without a line there, the tests did not run at all or did not end.
grep -E '✘|error:|Fatal error|crash' "$log" || tail -n 20 "$log"
exit "$status"
