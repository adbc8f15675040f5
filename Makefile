# The commands of the README. They install into .venv and write into this folder only.
PYTHON ?= python3
BIN := .venv/bin
# Two workers; each takes whole files, the longest first (tests/conftest.py).
PYTEST := $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

.PHONY: help setup demo example quick test nightly lint types format docs wheel clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/ready ## Install everything into .venv

# pip, not a faster resolver: it takes the CPU build of torch where one is offered.
.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "dnacorpus needs Python 3.11 or newer")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[build,train,pdf,dev]'
	@touch $@

demo: setup results/demo/simulated/truth.json ## Build, validate and report a small simulated corpus (about a minute, no network)
	$(BIN)/snakemake --cores 2 --quiet rules --configfile config/demo.yaml || { \
		echo 'make demo: the build failed. If a job is named above, its log (2> FILE) in results/demo/logs/ ends with the reason.'; exit 1; }
	@echo; echo "TOTALS: KEPT, DROPPED AND WHY (simulated data)"; cat results/demo/summary.txt
	@echo; echo "VALIDATION"; cat results/demo/validate/summary.txt
	@echo; echo "WHERE TO LOOK"
	@echo "  results/demo/report/index.html   numbers, samples with evidence, and plots"
	@echo "  results/demo/dataset/README.md   the card of the dataset"
	@echo "  results/demo/simulated/truth.json   the planted cases and the expected result of each"
	@echo; echo "LOAD IT"
	@echo '  $(BIN)/python -c '"'"'from datasets import load_dataset; print(load_dataset("results/demo/dataset", "pairs", split="train")[0]["text"])'"'"

results/demo/simulated/truth.json: | setup
	$(BIN)/dnacorpus simulate results/demo/simulated --bases 1500000 --seed 1

example: setup ## Build .test/, the example of the Snakemake workflow catalog, with Snakemake's report
	$(BIN)/dnacorpus simulate .test/resources --bases 300000 --seed 1
	$(BIN)/snakemake --cores 2 --directory .test --configfile .test/config/config.yaml
	$(BIN)/snakemake --directory .test --configfile .test/config/config.yaml --report report.html

quick: setup ## Run the tests that take minutes: no workflow, no training, no real mirror
	$(PYTEST) -m "not workflow and not training and not mirror"

test: setup ## Run every test; those of the real mirror are skipped without one (DNACORPUS_MIRROR)
	$(PYTEST) --durations=20 -m "not training"
	$(BIN)/python -m pytest --durations=5 -m training

nightly: setup ## Run the tests except workflow and training, with new and more random examples
	HYPOTHESIS_PROFILE=nightly $(PYTEST) -m "not workflow and not training"

lint: setup ## Check the style of Python and of the workflow
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/snakemake --lint

types: setup ## Check static types
	$(BIN)/mypy

format: setup ## Format the code
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .
	$(BIN)/snakefmt Snakefile workflow

docs: setup ## Generate the data dictionary, the table of limits and the config schema
	$(BIN)/python docs/make_columns.py docs/columns.md
	$(BIN)/python docs/make_limits.py docs/limits.md
	$(BIN)/python docs/make_config_schema.py workflow/schemas/config.schema.yaml

wheel: setup ## Build the wheel into dist/
	$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

clean: ## Remove .venv and caches, never results
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis
