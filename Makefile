# The commands of the README. All work happens in .venv; nothing else of the machine is changed.
PYTHON ?= python3
BIN := .venv/bin
# Two workers; each takes whole files, the longest first (tests/conftest.py).
PYTEST := $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

.PHONY: help setup demo example quick test nightly lint types format docs wheel clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/ready ## Make .venv with everything

# pip, not a faster resolver: it takes the CPU build of torch where one is offered.
.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "dnacorpus needs Python 3.11 or newer")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[build,train,pdf,dev]'
	@touch $@

demo: setup results/demo/simulated/truth.json ## Build, validate and show a small simulated corpus, offline, in about a minute
	$(BIN)/snakemake --cores 2 --quiet rules --configfile config/demo.yaml
	@echo; echo "WHAT WAS MADE, AND WHAT BECAME OF THE REST (simulated data)"; cat results/demo/summary.txt
	@echo; echo "VALIDATION"; cat results/demo/validate/summary.txt
	@echo; echo "WHERE TO LOOK"
	@echo "  results/demo/report/index.html   the numbers, samples with their evidence, the curves"
	@echo "  results/demo/dataset/README.md   the dataset's card"
	@echo "  results/demo/simulated/truth.json   what was planted, and what must become of it"
	@echo; echo "LOAD IT"
	@echo '  $(BIN)/python -c '"'"'from datasets import load_dataset; print(load_dataset("results/demo/dataset", "pairs", split="train")[0]["text"])'"'"

results/demo/simulated/truth.json: | setup
	$(BIN)/dnacorpus simulate results/demo/simulated --bases 1500000 --seed 1

example: setup ## Build .test/, the example of the workflow catalog, and Snakemake's report of it
	$(BIN)/dnacorpus simulate .test/resources --bases 300000 --seed 1
	$(BIN)/snakemake --cores 2 --directory .test --configfile .test/config/config.yaml
	$(BIN)/snakemake --directory .test --configfile .test/config/config.yaml --report report.html

quick: setup ## Run the tests of a few minutes: no workflow, no training, no real mirror
	$(PYTEST) -m "not workflow and not training and not mirror"

test: setup ## Run every test; those on the real mirror skip where it is absent
	$(PYTEST) --durations=20 -m "not training"
	$(BIN)/python -m pytest --durations=5 -m training tests/train tests/stages

nightly: setup ## Run the tests but those of the workflow and training with examples never tried before, and more
	HYPOTHESIS_PROFILE=nightly $(PYTEST) -m "not workflow and not training"

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

docs: setup ## Write the data dictionary and the config schema
	$(BIN)/python docs/make_columns.py docs/columns.md
	$(BIN)/python docs/make_config_schema.py workflow/schemas/config.schema.yaml

wheel: setup ## Build the wheel into dist/
	$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

clean: ## Remove .venv and caches, never results
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis
