# make demo: a running Meterdesk with a synthetic network on http://127.0.0.1:$(PORT)
# make test: the whole test suite
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:

PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
CHROMIUM ?= /usr/bin/chromium
PYTEST_ARGS ?=
BENCH_ARGS ?=
export UV_LINK_MODE ?= copy

.PHONY: setup setup-dev demo test bench lint clean

$(VENV)/.uv: requirements/bootstrap.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	touch $@

$(VENV)/.runtime: requirements/runtime.txt pyproject.toml $(VENV)/.uv
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements/runtime.txt
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.runtime
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.txt
	touch $@

# The environment that serves; quick when nothing changed.
setup: $(VENV)/.runtime

# The same with the tools for tests and checks.
setup-dev: $(VENV)/.dev

demo: setup
	METERDESK_ENV=demo PORT=$(PORT) $(BIN)/meterdesk demo

# Browser tests drive Debian's Chromium. Root gets it installed; others are told how, and the
# rest of the suite runs all the same.
test: setup-dev
	@if [ ! -x "$(CHROMIUM)" ] && [ "$$(id -u)" = 0 ]; then \
	  apt-get update -q && apt-get install -y -q --no-install-recommends chromium; fi; \
	if [ -x "$(CHROMIUM)" ]; then $(BIN)/pytest -n 2 $(PYTEST_ARGS); else \
	  $(BIN)/pytest -n 2 -m "not browser" $(PYTEST_ARGS) || true; \
	  echo "The browser tests did not run: Chromium is missing. Install it, then run make test again:"; \
	  echo "  sudo apt-get install --no-install-recommends chromium"; \
	  exit 1; fi

bench: setup-dev
	$(BIN)/python -m tests.scale $(BENCH_ARGS)

lint: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/meterdesk check --migrations

# Leaves var/, where the data lives.
clean:
	rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
