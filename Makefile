# `make demo` and `make test` do all their own set-up, in .venv/, with the Python given as PYTHON.
PYTHON ?= python3
VENV := .venv/$(shell $(PYTHON) -c 'import sys; print("py%d.%d" % sys.version_info[:2])')
BIN := $(VENV)/bin
export PIP_CONSTRAINT := constraints.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo test lint types check generate clean

demo: $(VENV)/.demo
	$(BIN)/python -m examples.demo

test: lint types check
	$(BIN)/python -m pytest

lint: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(VENV)/.dev
	$(BIN)/mypy
	$(BIN)/basedpyright --pythonpath $(BIN)/python

check: $(VENV)/.dev
	$(BIN)/python -m spec.codegen --check

generate: $(VENV)/.dev
	$(BIN)/python -m spec.codegen

clean:
	rm -rf .venv demo-output

$(VENV)/.demo: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable '.[mock,images]'
	touch $@

$(VENV)/.dev: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable '.[mock,images,dev]'
	touch $@
