# `make` alone says what there is. PYTHON chooses the interpreter (3.11 or newer) for the environment in .venv.
PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help install demo check check-python check-sql test test-slow docs dev benchmark clean

help:  ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /  make \1\t/' | expand -t 20

install: .venv/installed  ## create the environment in .venv and install

.venv/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; this is %d.%d. Try: make PYTHON=python3.12" % sys.version_info[:2])'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[test,check]'
	@touch $@

demo: .venv/installed  ## five weeks of a rollout at Acme, evaluated: what you see here is what your own logs get
	$(BIN)/prod-evals demo

check: .venv/installed  ## style and types of the Python, style of the SQL; says nothing when all is well
	@$(MAKE) --no-print-directory --jobs 2 --output-sync check-python check-sql

check-python: .venv/installed
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --quiet --check
	@$(BIN)/mypy --no-error-summary

check-sql: .venv/installed
	@$(BIN)/sqlfluff lint --quiet sql

test: .venv/installed  ## the suite, the longest tests first, on three workers: some of them mostly wait
	$(BIN)/python -m pytest tests/nights tests -m 'not slow' -n 3 --dist loadfile --no-loadscope-reorder

test-slow: .venv/installed  ## what is slow by nature: kills by the dozen, servers of others, R, benchmarks
	@tests/install_tools.sh
	$(BIN)/python -m pytest tests/nights tests -m slow -n 2 --dist worksteal -rs

docs: .venv/installed  ## the lists of docs/reference.md and README.md again, from the catalogues
	$(BIN)/python -m pipelines.catalogue
	$(BIN)/python -m tests.test_readme

dev: .venv/installed  ## Dagster's UI and daemon on http://127.0.0.1:3000
	$(BIN)/prod-evals dev

benchmark: .venv/installed  ## every claim of speed again: ingestion, live judging, replayed rollouts, long histories
	$(BIN)/python benchmarks/ingest.py
	$(BIN)/python benchmarks/judging.py
	$(BIN)/python benchmarks/rollouts.py
	$(BIN)/python benchmarks/history.py

clean:  ## remove the environment; data and features stay
	rm -rf .venv .pytest_cache .hypothesis .mypy_cache .ruff_cache
