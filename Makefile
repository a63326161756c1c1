# What people do here, one line each. Everything that is needed besides the Rust toolchain, Python 3 and Node is
# fetched on first use at pinned versions (the servers are checked by hash too) into .local.

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

.PHONY: help demo up test test-system lint proto-lint fmt doc
