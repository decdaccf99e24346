# Everything runs in the virtual environment .venv, which every target makes if
# it is missing. PYTHON=... chooses another interpreter than the one found here.

PYTHON ?= $(firstword $(foreach name,python3 python3.13 python3.12 python3.11 python,\
  $(shell $(name) -c 'import sys; (3, 11) <= sys.version_info[:2] <= (3, 13) and print("$(name)")' 2>/dev/null)))
BIN := .venv/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
# On machines without a GPU a build for CPUs will do; name it here.
TORCH ?= torch>=2.7

# Test workers; each has a TensorFlow of its own.
WORKERS ?= 2
PYTEST := $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

.PHONY: help setup compare audit benchmark test test-all test-slow test-backends \
  release-check test-lowest test-newest test-pythons docs lint format clean

help: ## Show these lines
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 17

setup: .venv/installed ## Make the virtual environment and install everything

.venv/installed: pyproject.toml
	@test -n "$(PYTHON)" || { echo "skfer needs Python 3.11, 3.12 or 3.13, and none was found. Install one, or name it: make setup PYTHON=/path/to/python"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[dev]"
	@touch $@
	@echo "Ready. Now: make compare, or source $(BIN)/activate and skfer --help"

compare: .venv/installed ## Compare the models: DATA=folder TEST=folder ARGS="--epochs 10"
	$(BIN)/skfer compare $(if $(DATA),"$(DATA)") $(if $(TEST),--test "$(TEST)") $(ARGS)

audit: .venv/installed ## Look for copies, leaks and broken files: DATA=folder AGAINST=folder
	$(BIN)/skfer audit "$(DATA)" $(if $(AGAINST),--against "$(AGAINST)") $(ARGS)

.venv/benchmark: .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[benchmark]"
	@touch $@

benchmark: .venv/benchmark ## Measure speed against other libraries, write docs/benchmarks.md
	$(BIN)/python -m benchmarks --write docs/benchmarks.md $(ARGS)

test: lint ## Run every check that CI runs
	$(PYTEST) $(ARGS)

test-slow: .venv/installed ## Run the tests that take long, and those that train in earnest
	SKFER_REAL_TRAINING=1 $(PYTEST) -m "not jax" $(ARGS)

test-all: lint test-slow test-backends release-check docs test-lowest test-pythons ## All of it: an hour or two

.venv/backends: .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[jax]" "$(TORCH)"
	@touch $@

# Keras's variables still lack what NumPy 2 asks of them.
test-backends: .venv/backends ## Run a part of the tests of the network on JAX and PyTorch
	for backend in jax torch; do KERAS_BACKEND=$$backend $(BIN)/python -m pytest -m "backends or jax" \
	  -W "ignore:__array__ implementation:DeprecationWarning" || exit 1; done

# The suite against what a release holds, in empty environments far from the checkout.
release-check: .venv/installed ## Build sdist and wheel, and run the tests against each
	set -e; place=$$(mktemp -d); trap 'rm -rf "$$place"' EXIT; \
	$(BIN)/python -m venv "$$place/tools"; \
	"$$place/tools/bin/python" -m pip install --quiet --disable-pip-version-check build; \
	"$$place/tools/bin/python" -m build --outdir "$$place/dist" .; \
	mkdir "$$place/far"; \
	cp -r $$(git ls-files | cut -d/ -f1 | sort -u | grep -v '^skfer$$') "$$place/far"; \
	for package in "$$place"/dist/*; do \
	  echo "testing $$package"; \
	  $(BIN)/python -m venv --clear "$$place/venv"; \
	  "$$place/venv/bin/python" -m pip install --quiet --disable-pip-version-check "$$package[dev]"; \
	  (cd "$$place/far" && ../venv/bin/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)); \
	done

# The lowest versions that pyproject.toml declares.
test-lowest: .venv/installed ## Run the tests with the oldest versions that are allowed
	set -e; place=$$(mktemp -d); trap 'rm -rf "$$place"' EXIT; \
	$(BIN)/python -m venv "$$place/venv"; \
	$(BIN)/python tests/lowest_versions.py > "$$place/lowest.txt"; \
	"$$place/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
	  --constraint "$$place/lowest.txt" ".[dev]"; \
	"$$place/venv/bin/python" -m pytest -n $(WORKERS) --dist worksteal \
	  -W ignore::DeprecationWarning $(ARGS)

# What other packages will release soon.
test-newest: .venv/installed ## Run the tests with pre-releases of other packages
	set -e; place=$$(mktemp -d); trap 'rm -rf "$$place"' EXIT; \
	$(BIN)/python -m venv "$$place/venv"; \
	"$$place/venv/bin/python" -m pip install --quiet --disable-pip-version-check --pre ".[dev]"; \
	"$$place/venv/bin/python" -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

test-pythons: ## Run the tests with the other versions of Python that are installed
	set -e; for version in 3.12 3.13; do \
	  found=$$(for python in python$$version "$$HOME"/.pyenv/versions/$$version*/bin/python; do \
	    "$$python" -c "" 2> /dev/null && { echo "$$python"; break; }; done; true); \
	  if [ -z "$$found" ]; then \
	    echo "SKIPPED: python$$version is not installed"; continue; fi; \
	  place=$$(mktemp -d); trap 'rm -rf "$$place"' EXIT; \
	  "$$found" -m venv "$$place/venv"; \
	  "$$place/venv/bin/python" -m pip install --quiet --disable-pip-version-check ".[dev]"; \
	  "$$place/venv/bin/python" -m pytest -n $(WORKERS) --dist worksteal $(ARGS); \
	  rm -rf "$$place"; done

.venv/docs: .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[docs]"
	@touch $@

docs: .venv/docs ## Build the site in docs/_build/html, gallery included
	$(BIN)/python -m sphinx -W --keep-going -b html $(ARGS) docs docs/_build/html

lint: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy

format: .venv/installed ## Put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## Remove the virtual environment and all results
	rm -rf .venv docs/_build docs/gallery docs/reference skfer-results .pytest_cache .mypy_cache .ruff_cache .hypothesis
