# One command a line; each sets up what it needs. Only Python 3.11 or newer and make have to be there.
# make demo      a search on a real table: files in, predictions out, the promised score checked
# make test      all tests but a few that take tens of seconds each
# make check     linters, types, layers, spelling, all tests: what a change has to pass
# make docs      the documentation, as pages in site/
# make format    sort imports and lay out the code
# make install   the virtual environment alone
# make clean     remove what the targets above have made
# Another Python: make test PYTHON=python3.13. More for pytest: make test WORKERS=8 PYTEST_FLAGS="-x -k metrics".

PYTHON ?= python3
VENV ?= .venv
WORKERS ?= 2
PYTEST_FLAGS ?=

BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
DOCS_INSTALLED := $(VENV)/.installed-docs

.DEFAULT_GOAL := help
.PHONY: help install demo test check docs format clean

help:
	@sed -n 's/^# //p' $(firstword $(MAKEFILE_LIST))

install: $(INSTALLED)

$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Found Python %d.%d; expected 3.11 or newer: make PYTHON=python3.12 ..." % sys.version_info[:2])'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

demo: $(INSTALLED)
	$(BIN)/automl demo

test: $(INSTALLED)
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal -m "not long" $(PYTEST_FLAGS)

check: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal $(PYTEST_FLAGS)

$(DOCS_INSTALLED): $(INSTALLED)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[docs]'
	@touch $@

docs: $(DOCS_INSTALLED)
	$(BIN)/python docs/generate.py
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo "wrote site/: open site/index.html; to search in it: python -m http.server --directory site"

format: $(INSTALLED)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) demo-output site .pytest_cache .ruff_cache .mypy_cache .hypothesis .import_linter_cache
