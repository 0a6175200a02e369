# Mwalimu. `make` lists what there is.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
# Where there is no GPU, torch comes from PyTorch's own CPU index if that answers in seconds; else from the registry.
TORCH_CPU_INDEX ?= https://download.pytorch.org/whl/cpu
SHARED_MODELS := $(wildcard ../shared/models)
export MWALIMU_MODELS_DIR ?= $(SHARED_MODELS)

.DEFAULT_GOAL := help
.PHONY: help install demo serve worker test retest check bench lock clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk 'BEGIN {FS = ":.*## "}; {printf "  %-10s %s\n", $$1, $$2}'

install: $(VENV)/.installed ## Make .venv with everything Mwalimu needs to run

$(VENV)/.installed: requirements/base.txt requirements/torch.txt pyproject.toml
	PYTHON=$(PYTHON) TORCH_CPU_INDEX=$(TORCH_CPU_INDEX) sh requirements/install.sh $(VENV)
	@touch $@

$(VENV)/.dev: $(VENV)/.installed requirements/dev.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --no-deps -r requirements/dev.txt
	@touch $@

demo: install ## Serve the sample course at http://localhost:$(PORT)
	$(BIN)/mwalimu demo --port $(PORT)

serve: install ## Serve the installation that the settings name
	$(BIN)/mwalimu serve --port $(PORT)

worker: install ## Work on jobs (scaled mode)
	$(BIN)/mwalimu worker

test: $(VENV)/.dev ## Run the tests, on as many as four cores
	$(BIN)/pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

retest: $(VENV)/.dev ## Run again, one after the other, the tests that failed in the last run
	$(BIN)/pytest -v --last-failed --last-failed-no-failures=none

check: $(VENV)/.dev ## Style, types, import rules, architecture, migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -q tests/architecture

bench: $(VENV)/.dev ## Measure, and print one table
	$(BIN)/python -m benchmarks

lock: $(VENV)/.dev ## Choose dependency versions anew and write the locks
	BIN=$(BIN) sh requirements/lock.sh

clean: ## Remove the virtual environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache build *.egg-info
