#!/usr/bin/env bash
# `swift build` and `swift test` as the make targets and `.ci/run` call them, in .build-tests; with other options it is
# another build.
#
#   Scripts/swift.sh test --filter SomeTests
#
# It is a release build without -O but in the library and the fakes, see Package.swift. A debug build defines DEBUG, with
# which ArgumentParser validates all options some twenty times whenever a command starts: a help takes 140 ms of CPU in
# place of 37. Nothing is indexed, which takes a third of a build: editors index by themselves, and only XCTest finds its
# tests in the index (see Tests/XCTMain.swift).
set -euo pipefail
cd "$(dirname "$0")/.."

export TEST_BUILD=1
# What a release does and tests have no use for: dependencies as whole modules, which nobody can import before all of one
# is compiled, C with -O2, and debug information, which is for `swift build`.
quick=(-Xswiftc -no-whole-module-optimization -Xswiftc -enable-batch-mode -Xcc -O0 -debug-info-format none)
# SwiftPM has threads for whole modules, which the compiler has no use for where it is given files, and says so each time.
swift "$1" --scratch-path .build-tests -c release -Xswiftc -Onone "${quick[@]}" --disable-index-store --disable-xctest \
    --enable-swift-testing "${@:2}" 2>&1 | { grep --line-buffered -v '^warning: ignoring -num-threads argument' || true; }
