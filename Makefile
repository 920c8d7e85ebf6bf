SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
PAGE := api/dashboard/index.html
PAGE_SOURCES := $(shell find dashboard clients/typescript/src/generated -name node_modules -prune -o -name .types -prune -o -name shots -prune -o -type f -print)

.DEFAULT_GOAL := help

help: ## What there is to make
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | sort

setup: $(STAMP) $(PAGE) ## Make .venv with everything in it, from the lock file; build the dashboard

$(STAMP): locks/dev.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; set PYTHON=…" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r locks/dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# Everything but the page works without Node, so a machine that has none is told and goes on.
$(PAGE): $(PAGE_SOURCES)
	@dashboard/scripts/build.sh

up: setup ## Run everything with embedded servers, on http://127.0.0.1:8080
	$(BIN)/btracker up

test: setup ## All checks and all tests
	$(MAKE) --no-print-directory --jobs=2 $(if $(filter output-sync,$(.FEATURES)),--output-sync=target) servers quick

quick: setup check ## All checks, and the tests that start no servers
	$(BIN)/pytest -m "not slow" --durations=25

servers: setup ## The tests that start servers, which mostly wait for them: three at a time
	$(BIN)/pytest -m slow --numprocesses=3 --dist=loadfile --durations=25

check: setup ## Lint, types, layers, spelling
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/typos

format: setup ## Format the code
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

contracts: setup ## Write what is promised as files, and what the clients make of it
	$(BIN)/btracker contracts write contracts
	$(BIN)/python clients/python/generate.py
	cd clients/typescript && npm ci --no-audit --no-fund --ignore-scripts && npm run --silent generate

lock: setup ## Resolve the dependencies anew
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml -o locks/runtime.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --extra dev -c locks/runtime.txt pyproject.toml -o locks/dev.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --extra torch -c locks/dev.txt pyproject.toml -o locks/torch.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --extra peers -c locks/dev.txt --override <(printf 'pydantic\npydantic-settings\n') pyproject.toml -o locks/peers.txt
	echo hatchling | $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header -c locks/dev.txt - -o locks/build.txt

torch: setup ## Also the language model's weights for PyTorch, which is large
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r locks/torch.txt

# Quix Streams asks for an older pydantic than ours and works with ours; what is measured stays as it is locked.
peers: setup ## Also the stream libraries that `btracker bench pipeline` measures beside ours
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r locks/peers.txt

audit: setup ## Known vulnerabilities of what is locked
	$(BIN)/pip-audit --require-hashes -r locks/runtime.txt

clean: ## Remove what the tools left
	rm -rf .venv api/dashboard dashboard/node_modules dashboard/.types .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.PHONY: help setup up test quick servers check format contracts lock torch peers audit clean
