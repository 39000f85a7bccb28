#!/usr/bin/env python3
"""Compares the library's public API with the one recorded in Scripts/api.txt.

    Scripts/api.py [--record]

The API is what a program gets from `import MigrationKit`: what is public in that module and in those that it exports.
Each line is a declaration under its full name, without its module. What follows from a conformance, such as
`init(from:)`, is not listed.

Reads the build of the tests that is there, whatever its settings; builds first only if there is none, or if a source is newer.
Exits with 1 if the API differs from the record. --record writes the record instead.
"""

import argparse
import json
import platform
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / ".build-tests/release"
LIBRARY = ROOT / "Sources/MigrationKit"
RECORD = ROOT / "Scripts/api.txt"

TYPES = {"swift.class", "swift.enum", "swift.protocol", "swift.struct"}
# What every type conforms to, or every type that is Sendable.
GIVEN = {"Copyable", "Escapable", "SendableMetatype"}
# What a conformance to Codable, Hashable or RawRepresentable brings, whether it is written out or derived.
IMPLIED = {"init(from:)", "encode(to:)", "==(_:_:)", "hash(into:)", "init(rawValue:)"}


def output(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def exported_modules():
    exports = (LIBRARY / "Kit/Exports.swift").read_text()
    return ["MigrationKit", *re.findall(r"^@_exported public import (MigrationKit\w+)$", exports, re.MULTILINE)]


def is_built(modules):
    """Whether every source has been compiled as it is now. What a failed build has left does not count."""
    database = ROOT / ".build-tests/build.db"
    for module in modules:
        sources = LIBRARY / (module.removeprefix("MigrationKit") or "Kit")
        for source in sources.rglob("*.swift"):
            compiled = BUILD / f"{module}.build/{source.name}.o"
            if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
                return False
        # A folder changes when a file in it is removed.
        folders = [path for path in sources.rglob("*") if path.is_dir()]
        for path in [ROOT / "Package.swift", sources, *folders]:
            if database.stat().st_mtime < path.stat().st_mtime:
                return False
    return True


def symbol_graphs(modules):
    """What the compiler knows of each module, including what it adds to types of other modules."""
    with tempfile.TemporaryDirectory() as folder:
        extract_symbol_graphs(modules, folder)
        return [json.loads(path.read_text()) for path in Path(folder).glob("*.symbols.json")]


def extract_symbol_graphs(modules, folder):
    options = ["-I", BUILD / "Modules", "-I", LIBRARY / "CMigrationKit", "-I", LIBRARY / "CLibYAML"]
    options += ["-target", json.loads(output("swift", "-print-target-info"))["target"]["triple"]]
    if platform.system() == "Darwin":
        options += ["-sdk", output("xcrun", "--show-sdk-path").strip()]
    # The C modules that the dependencies import.
    maps = [*BUILD.glob("*.build/module.modulemap")]
    maps += (ROOT / ".build-tests/checkouts").glob("*/Sources/*/include/module.modulemap")
    for path in maps:
        options += ["-Xcc", f"-fmodule-map-file={path}"]
    options += ["-minimum-access-level", "public", "-skip-synthesized-members"]
    for module in modules:
        output("swift", "symbolgraph-extract", "-module-name", module, *options, "-output-dir", folder)


def declaration(symbol):
    """A symbol's declaration on one line, under its full name."""
    words, is_named = "", False
    for fragment in symbol["declarationFragments"]:
        spelling = fragment["spelling"]
        if not is_named and (fragment["kind"] == "identifier" or spelling in ("init", "subscript")):
            words += "".join(f"{parent}." for parent in symbol["pathComponents"][:-1])
            is_named = True
        words += spelling
    constraints = symbol.get("swiftExtension", {}).get("constraints", [])
    if constraints:
        words += " where " + ", ".join(
            f"{constraint['lhs']} {'==' if constraint['kind'] == 'sameType' else ':'} {constraint['rhs']}"
            for constraint in constraints
        )
    return " ".join(words.split())


def with_conformances(line, names):
    """A type's declaration with all that it conforms to, and not only what the compiler mentions there."""
    head, where, constraints = line.partition(" where ")
    head = head.split(" : ")[0]
    return (f"{head}: {', '.join(sorted(names))}" if names else head) + where + constraints


def public_api(graphs):
    """The lines, in the order of their names, and how many types and nested types are among them."""
    symbols = {symbol["identifier"]["precise"]: symbol for graph in graphs for symbol in graph["symbols"]}
    parents, requirements, defaults = {}, set(), {}
    for relation in (relation for graph in graphs for relation in graph["relationships"]):
        source, target = relation["source"], relation["target"]
        if relation["kind"] in ("conformsTo", "inheritsFrom"):
            named = symbols.get(target)
            name = ".".join(named["pathComponents"]) if named else relation["targetFallback"].split(".", 1)[1]
            parents.setdefault(source, set()).add(name)
        elif relation["kind"] == "requirementOf":
            requirements.add(source)
        elif relation["kind"] == "defaultImplementationOf":
            defaults[source] = target
    lines, types, nested = [], 0, 0
    for key, symbol in symbols.items():
        path = symbol["pathComponents"]
        # A default is told of at its requirement.
        if path[-1] in IMPLIED or key in defaults:
            continue
        line = declaration(symbol)
        if symbol["kind"]["identifier"] in TYPES or line.startswith("actor "):
            types, nested = types + 1, nested + (len(path) > 1)
            line = with_conformances(line, parents.get(key, set()) - GIVEN)
        elif key in requirements:
            line += " (has a default)" if key in defaults.values() else " (required)"
        lines.append((path, line))
    return [line for _, line in sorted(lines)], types, nested


def main():
    parser = argparse.ArgumentParser(description="Compare the library's public API with Scripts/api.txt.")
    parser.add_argument("--record", action="store_true", help="write Scripts/api.txt")
    record = parser.parse_args().record

    modules = [*exported_modules(), "MigrationKitTesting"]
    if not is_built(modules):
        subprocess.run(["Scripts/swift.sh", "build", "--target", "MigrationKitTesting"], cwd=ROOT, check=True, stdout=sys.stderr)
    lines, types, nested = public_api(symbol_graphs(modules))
    recorded = RECORD.read_text().splitlines() if RECORD.exists() else []
    added, removed = set(lines) - set(recorded), set(recorded) - set(lines)
    for line in recorded:
        if line in removed:
            print(f"- {line}")
    for line in lines:
        if line in added:
            print(f"+ {line}")
    print(f"{types} types, {nested} of them nested, {len(lines)} declarations")
    if record:
        RECORD.write_text("".join(f"{line}\n" for line in lines))
    elif added or removed:
        sys.exit("The public API is not the recorded one. If that is intended: make api RECORD=1")


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"`{' '.join(map(str, error.cmd[:2]))}` failed with exit code {error.returncode}.")
