# Everything runs in the virtual environment .venv, which every target makes if
# it is missing. PYTHON=... chooses another interpreter than the one found here.

PYTHON ?= $(firstword $(foreach name,python3 python3.13 python3.12 python3.11 python,\
  $(shell $(name) -c 'import sys; (3, 11) <= sys.version_info[:2] <= (3, 13) and print("$(name)")' 2>/dev/null)))
BIN := .venv/bin

.PHONY: help setup compare benchmark test lint format clean

help: ## Show these lines
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 13

setup: .venv/installed ## Make the virtual environment and install everything

.venv/installed: pyproject.toml
	@test -n "$(PYTHON)" || { echo "skfer needs Python 3.11, 3.12 or 3.13, and none was found. Install one, or name it: make setup PYTHON=/path/to/python"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[dev]"
	@touch $@

compare: .venv/installed ## Compare the models: DATA=folder TEST=folder ARGS="--epochs 10"
	$(BIN)/skfer compare $(if $(DATA),"$(DATA)") $(if $(TEST),--test "$(TEST)") $(ARGS)

.venv/benchmark: .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[benchmark]"
	@touch $@

benchmark: .venv/benchmark ## Measure speed against other libraries, write docs/benchmarks.md
	$(BIN)/python -m benchmarks --write docs/benchmarks.md $(ARGS)

test: lint ## Run every check that CI runs
	$(BIN)/python -m pytest

lint: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy

format: .venv/installed ## Put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## Remove the virtual environment and all results
	rm -rf .venv skfer-results .pytest_cache .mypy_cache .ruff_cache .hypothesis
