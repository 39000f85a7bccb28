#!/usr/bin/env bash
# Validates the jobs of Examples/kubernetes against the API of several releases of Kubernetes, whose schemas it fetches
# from PyPI. A field that the API does not have is an error.
set -euo pipefail
cd "$(dirname "$0")/.."

cache=.build-kubernetes
if [ ! -x "$cache/bin/kubernetes-validate" ]; then
    python3 -m venv "$cache"
    "$cache/bin/pip" install --quiet --disable-pip-version-check kubernetes-validate==1.37.0
fi
for release in 1.30.0 1.33.0 1.37.0; do
    "$cache/bin/kubernetes-validate" --strict -k "$release" Examples/kubernetes/{export,migrate}.yaml
done
