# The commands of the README. All work happens in .venv; nothing else of the machine is changed.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help setup test lint types format docs clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/ready ## Make .venv with everything

# pip, not a faster resolver: it takes the CPU build of torch where one is offered.
.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "dnacorpus needs Python 3.11 or newer")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

test: setup ## Run every test; those on the real mirror skip where it is absent
	$(BIN)/python -m pytest -n 2 --dist loadgroup

lint: setup ## Style of Python and of the workflow
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/snakemake --lint

types: setup ## Static types
	$(BIN)/mypy

format: setup ## Put the code into the one format
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .
	$(BIN)/snakefmt Snakefile workflow

docs: setup ## Write the data dictionary from the schemas
	$(BIN)/python docs/make_columns.py docs/columns.md

clean: ## Remove .venv and caches, never results
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis
