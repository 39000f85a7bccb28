#!/usr/bin/env bash
# `swift build` and `swift test` as the make targets and `.ci/run` call them; with other options it is another build.
#
#   Scripts/swift.sh test --filter SomeTests
#
# The library is compiled with -O, see Package.swift. Nothing is indexed, which takes a third of a build: editors index by
# themselves, and only XCTest finds its tests in the index (see Tests/XCTMain.swift).
set -euo pipefail
cd "$(dirname "$0")/.."

export OPTIMIZED=1
exec swift "$1" --disable-index-store --disable-xctest --enable-swift-testing "${@:2}"
