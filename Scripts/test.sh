#!/usr/bin/env bash
# Runs the tests, with the arguments of `swift test`. At the end, where it can be found among thousands of lines, stands
# once more what failed, and which tests cost most.
set -euo pipefail
cd "$(dirname "$0")/.."

log=.build-tests/tests.log
costs=.build-tests/release/test-costs.tsv # each test writes a line: its seconds, those of CPU that its programs took, its name

# `most COLUMN TITLE`: of a test with several cases all of them count.
most() {
    printf '\n%s\n' "$2"
    awk -F '\t' '{ own[$3] += $1; cpu[$3] += $2; cases[$3]++ }
        END { for (test in own) printf "%8.1f s  %8.1f s of CPU  %3d cases  %s\n", own[test], cpu[test], cases[test], test }' \
        "$costs" | sort -k "$1,$1nr" | sed -n '1,20p'
}

rm -f "$costs"
status=0
Scripts/swift.sh test "$@" 2>&1 | tee "$log" || status=$?
grep -q 'Test run with [1-9]' "$log" || status=1 # nothing that ran is nothing that passed
if [ -e "$costs" ]; then
    most 1 'The tests that took longest, without the wait for their turn:'
    most 3 'The tests whose programs took most CPU time:'
fi
[ "$status" -ne 0 ] || exit 0
printf '\nWhat failed:\n'
# Without a line there, the tests did not run at all or did not end.
grep -E '^(✘|.*(Fatal error|crash))|^[^◇✔]*error:' "$log" || tail -n 20 "$log"
exit "$status"
