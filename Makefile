# What people do here, one line each. Everything that is needed besides the Rust toolchain, for the tests a C++ compiler
# with cmake and libclang (make build-tools), Python 3 and Node is fetched on first use at pinned versions (the servers are
# checked by hash too) into .local.

.DEFAULT_GOAL := help
BUF := .local/buf/node_modules/.bin/buf

help:       ## List these commands.
	@grep -E '^[a-z-]+: +##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo:       ## Play the three stories on three regions, with real servers.
	cargo run --package meridian -- demo

up:         ## Run three regions until interrupted, with the sample company.
	cargo run --package meridian -- up --sample

test:       ## Run every test; the servers they need are started by the tests. Takes a quarter of an hour.
	cargo test --workspace

test-system: ## Only the tests that kill, cut off and wipe the whole system of three regions.
	cargo test --package meridian --test system

build-tools: ## Install what building HiGHS takes, which the tests do, unless it is there (Debian and Ubuntu, as root).
	@command -v dpkg >/dev/null || { echo "not Debian: see CONTRIBUTING.md for what is needed"; exit 0; }; \
	for package in g++ make cmake libclang-dev; do \
		dpkg --status $$package >/dev/null 2>&1 || missing="$$missing $$package"; done; \
	test -z "$$missing" || { apt-get update --quiet && apt-get install --yes --quiet --no-install-recommends $$missing; }

lint:       ## Check formatting and lints.
	cargo fmt --all -- --check
	cargo clippy --workspace --all-targets -- -D warnings

proto-lint: $(BUF) ## Check the gRPC definitions.
	$(BUF) lint proto
	$(BUF) format --diff --exit-code proto

fmt:        ## Format everything.
	cargo fmt --all

doc:        ## Build the documentation.
	cargo doc --workspace --no-deps

$(BUF):
	npm install --no-save --no-audit --no-fund --silent --prefix .local/buf @bufbuild/buf@1.75.0

.PHONY: help demo up test test-system build-tools lint proto-lint fmt doc
