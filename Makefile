# One command a line; each sets up what it needs. Only Python 3.11 or newer and make have to be there.
# make demo      a search on a real table: files in, predictions out, the promised score checked
# make test      all tests but a few that take tens of seconds each; about ten minutes on two cores
# make check     linters, types, layers, spelling, all tests: what a change has to pass
# make docs      the documentation, as pages in site/
# make test-lowest, make test-newest
#                a short set of tests with the lowest versions that pyproject.toml allows, or the newest there are
# make format    sort imports, lay out the code, and write the table of options as code
# make pictures  the pictures of the README; needs Chromium
# make install   the virtual environment alone
# make clean     remove what the targets above have made
# Another Python: make test PYTHON=python3.13. More for pytest: make test WORKERS=8 PYTEST_FLAGS="-x -k metrics".

PYTHON ?= python3
VENV ?= .venv
WORKERS ?= 2
PYTEST_FLAGS ?=

# pip compiles all 350 MB of Python that it brings, one file after another. What every search imports is compiled here, by
# all cores; the rest when it is imported first.
PIP := -m pip install --quiet --disable-pip-version-check --no-compile -c constraints.txt
PACKAGES := 'import sysconfig; print(sysconfig.get_path("purelib"))'
COMPILED := numpy pandas scipy sklearn joblib loky lightgbm xgboost catboost pyarrow psutil rich typer torch

# Of workers side by side each computes in one thread: more of them than cores wait for one another in a loop, and a matrix
# product then takes many times as long.
PYTEST = OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal

BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
CHECK_INSTALLED := $(VENV)/.installed-check
DOCS_INSTALLED := $(VENV)/.installed-docs

.DEFAULT_GOAL := help
.PHONY: help install demo test check docs pictures format clean test-lowest test-newest

# No torch and no trackers, which take long to download; the lowest versions have wheels for Python 3.11.
VERSIONED := .[catboost,report,xgboost]
TEST_TOOLS := hypothesis pytest pytest-timeout
SHORT_TESTS := tests/versions tests/automl/storage/test_tables.py tests/automl/table/readings/test_read_dates.py tests/plugins/models/lightgbm/test_bit_trees.py \
	tests/plugins/models/forests/test_compact_trees.py tests/plugins/models/xgboost/test_level_trees.py tests/plugins/models/test_linear.py

help:
	@sed -n 's/^# //p' $(firstword $(MAKEFILE_LIST))

install: $(INSTALLED)

$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Found Python %d.%d; expected 3.11 or newer: make PYTHON=python3.12 ..." % sys.version_info[:2])'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python $(PIP) -e '.[test]'
	@cd "$$($(BIN)/python -c $(PACKAGES))" && $(abspath $(BIN))/python -m compileall -q -j 0 -x /tests/ $(COMPILED) >/dev/null || true
	@touch $@

demo: $(INSTALLED)
	$(BIN)/automl demo

test: $(INSTALLED)
	$(PYTEST) -m "not long" $(PYTEST_FLAGS)

$(CHECK_INSTALLED): $(INSTALLED)
	$(BIN)/python $(PIP) -e '.[dev]'
	@touch $@

check: $(CHECK_INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell
	$(PYTEST) $(PYTEST_FLAGS)

$(DOCS_INSTALLED): $(INSTALLED)
	$(BIN)/python $(PIP) -e '.[docs]'
	@touch $@

docs: $(DOCS_INSTALLED)
	$(BIN)/python docs/generate.py
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo "wrote site/: open site/index.html; to search in it: python -m http.server --directory site"

pictures: $(INSTALLED)
	$(BIN)/python docs/pictures.py

format: $(INSTALLED)
	$(BIN)/python docs/generate_code.py
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

test-lowest test-newest: test-%:
	$(PYTHON) -m venv $(VENV)-$*
	$(if $(filter lowest,$*),$(PYTHON) tests/versions/lowest.py,echo) > $(VENV)-$*/constraints.txt
	$(VENV)-$*/bin/python -m pip install --quiet --disable-pip-version-check --upgrade -c $(VENV)-$*/constraints.txt -e '$(VERSIONED)' $(TEST_TOOLS)
	$(VENV)-$*/bin/python -m pytest -q -p no:cacheprovider -o filterwarnings=default $(SHORT_TESTS) $(PYTEST_FLAGS)

clean:
	rm -rf $(VENV) $(VENV)-lowest $(VENV)-newest demo-output site .pytest_cache .ruff_cache .mypy_cache .hypothesis .import_linter_cache
