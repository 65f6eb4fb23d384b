# Sheaf's commands. `make` alone explains them.
SHELL := /bin/bash
CARGO ?= cargo
ARGS ?=
.DEFAULT_GOAL := help

.PHONY: help contracts postgres snarkjs openapi explorer build keys devnet demo bench test test-quick test-rust \
	test-contracts test-end-to-end test-sdk test-explorer lint audit

help: ## List the commands
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

contracts/node_modules/.package-lock.json: contracts/package.json contracts/package-lock.json
	cd contracts && npm install --no-save --no-audit --no-fund >&2

# To standard error, because the output of `make -s demo ARGS=--json` is for programs.
contracts: contracts/node_modules/.package-lock.json ## Install anvil, forge and solc from npm and compile the contracts
	cd contracts && npm run --silent build >&2

sequencer/tests/node_modules/.linked: sequencer/tests/package.json sequencer/tests/package-lock.json
	cd sequencer/tests && npm install --no-save --no-audit --no-fund && npm run --silent links
	touch $@

postgres: sequencer/tests/node_modules/.linked ## Install PostgreSQL from npm, for tests on a machine that has none

plonk/tests/node_modules/.package-lock.json: plonk/tests/package.json plonk/tests/package-lock.json
	cd plonk/tests && npm install --no-save --no-audit --no-fund

snarkjs: plonk/tests/node_modules/.package-lock.json ## Install snarkjs from npm, for the tests of ceremonies

sequencer/tests/openapi/node_modules/.package-lock.json: sequencer/tests/openapi/package.json sequencer/tests/openapi/package-lock.json
	cd sequencer/tests/openapi && npm install --no-save --no-audit --no-fund

# Outside the clone, by content: clones with the same requirements share one installation.
PYTHON_TOOLS = $(HOME)/.cache/sheaf/python-$(shell sha256sum sequencer/tests/openapi/requirements.txt | cut -c1-16)

$(PYTHON_TOOLS)/.whole: sequencer/tests/openapi/requirements.txt
	python3 -m venv --clear $(PYTHON_TOOLS)
	$(PYTHON_TOOLS)/bin/pip install --quiet --disable-pip-version-check --requirement $<
	touch $@

openapi: sequencer/tests/openapi/node_modules/.package-lock.json $(PYTHON_TOOLS)/.whole ## Install validator, generators and fuzzer of the API from npm and PyPI
	mkdir -p sequencer/tests/openapi/node_modules/.cache
	ln -sfn $(PYTHON_TOOLS) sequencer/tests/openapi/node_modules/.cache/python

sdk/node_modules/.package-lock.json: sdk/package.json sdk/package-lock.json
	cd sdk && npm install --no-save --no-audit --no-fund

explorer/node_modules/.package-lock.json: explorer/package.json explorer/package-lock.json
	cd explorer && npm install --no-save --no-audit --no-fund

# cargo takes the built page into the binary.
explorer/dist/index.html: explorer/node_modules/.package-lock.json sdk/node_modules/.package-lock.json \
		explorer/index.html explorer/vite.config.ts explorer/vite.left_out.ts \
		$(shell find explorer/src explorer/public sdk/src -type f)
	cd explorer && npm run --silent build

explorer: explorer/dist/index.html ## Build the page that the sequencer serves: explorer and wallet

build: explorer ## Build every crate
	$(CARGO) build --release --workspace

test-quick: contracts postgres snarkjs openapi explorer ## The Rust tests that take seconds, for the daily loop
	$(CARGO) test --release --workspace -- --skip slow_ --skip processes::

test: test-contracts test-rust test-end-to-end test-sdk test-explorer ## Every test

test-rust: contracts postgres snarkjs openapi explorer ## Rust tests: ledger, circuits, sequencer, the house rules
	$(CARGO) test --release --workspace

test-contracts: contracts/node_modules/.package-lock.json ## forge tests
	cd contracts && npm test --silent

# The demo makes the small keys if there are none. `cargo test` has built every program it starts.
test-end-to-end: contracts ## The demo with one real proof while worker and sequencer are killed; the wrap in full
	$(CARGO) test --release --workspace --test it -- --ignored --nocapture

# The program is built before: by `make build`, or by the Rust tests in `make test`.
test-sdk: contracts sdk/node_modules/.package-lock.json ## The TypeScript SDK: golden vectors, and a wallet's story on a devnet
	cd sdk && npm test --silent

# SHEAF_PICTURES=1 also writes README's pictures.
test-explorer: contracts explorer ## The page in Chromium: every page, and a wallet's story on a devnet
	cd explorer && npm test --silent

lint: contracts/node_modules/.package-lock.json explorer ## rustfmt, clippy, rustdoc, forge fmt, the linters of SDK and page
	$(CARGO) fmt --all --check
	$(CARGO) clippy --release --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --release --workspace --no-deps
	cd contracts && npm run --silent lint
	cd sdk && npm run --silent lint
	cd explorer && npm run --silent lint

audit: ## Licences and sources of every dependency (needs cargo-deny: cargo install cargo-deny --locked)
	$(CARGO) deny check licenses bans sources

keys: build ## Make circuits and Groth16 key, once (some minutes)
	target=$${CARGO_TARGET_DIR:-target}; $$target/release/sheaf keys build $(ARGS)

devnet: contracts build ## A whole rollup on this machine; flags through ARGS=
	target=$${CARGO_TARGET_DIR:-target}; $$target/release/sheaf devnet $(ARGS)

demo: contracts build ## Deposits to withdrawal without a person; flags through ARGS=
	target=$${CARGO_TARGET_DIR:-target}; $$target/release/sheaf demo $(ARGS)

# The page's tests measure the page and the SDK in a browser, and write sdk.json.
bench: contracts build ## Measure all but the load; writes target/bench/*.json (some minutes; ARGS=load: half an hour)
	target=$${CARGO_TARGET_DIR:-target}; $$target/release/sheaf bench $(ARGS)
	[ -n "$(ARGS)" ] || (cd explorer && npm test --silent)
