#!/usr/bin/env python3
"""Builds the guides and the reference of the library with DocC, in .build-docs/html; a warning is an error.

    Scripts/docs.py

Reads the debug build that is there, and builds first only if there is none, or if a source is newer. To read the pages:
`python3 -m http.server --directory .build-docs/html`, then http://localhost:8000/documentation/migrationkit.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

sys.dont_write_bytecode = True
import api

OUT = api.ROOT / ".build-docs"
CATALOG = api.LIBRARY / "Kit/MigrationKit.docc"


def docc():
    """The toolchain's own: beside swift, or where Xcode has it."""
    beside = Path(shutil.which("swift")).resolve().parent / "docc"
    return [beside] if beside.exists() else ["xcrun", "docc"]


def main():
    modules = api.exported_modules()
    if not api.is_built(modules):
        subprocess.run(["Scripts/swift.sh", "build"], cwd=api.ROOT, check=True)
    shutil.rmtree(OUT, ignore_errors=True)
    graphs = OUT / "graphs"
    graphs.mkdir(parents=True)
    api.extract_symbol_graphs(modules, graphs)
    # Programs import one module, and so do those who read of it.
    for path in graphs.glob("*.symbols.json"):
        graph = json.loads(path.read_text())
        if "@" in path.name:
            path.unlink()
            continue
        graph["module"]["name"] = "MigrationKit"
        path.write_text(json.dumps(graph))
    converted = subprocess.run(
        [*docc(), "convert", CATALOG, "--additional-symbol-graph-dir", graphs, "--output-path", OUT / "html",
         "--fallback-display-name", "MigrationKit", "--fallback-bundle-identifier", "MigrationKit",
         "--warnings-as-errors"])
    if converted.returncode == 0:
        print(f"Built {OUT.relative_to(api.ROOT)}/html.")
    sys.exit(converted.returncode)


if __name__ == "__main__":
    main()
