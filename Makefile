# `make demo` and `make test` do all their own set-up, in .venv/, with the Python given as PYTHON.
PYTHON ?= python3
VENV := .venv/$(shell $(PYTHON) -c 'import sys; print("py%d.%d" % sys.version_info[:2])')
BIN := $(VENV)/bin
# The real middleware, whose pins are its own; tests/conformance/real_middleware.py looks for it there.
REAL := $(VENV)-real
export PIP_CONSTRAINT := constraints.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export NO_MKDOCS_2_WARNING := 1

.PHONY: demo test conformance docs lint types check generate notebooks bench bench-mock release-check clean

demo: $(VENV)/.demo
	$(BIN)/python -m examples.demo

test: lint types check docs $(REAL)/.made
	$(BIN)/python -m pytest -n auto --cov -m 'not no_cover'
	$(BIN)/python -m pytest -n auto -m no_cover

conformance: $(VENV)/.dev $(REAL)/.made
	$(BIN)/python -m pytest -n auto tests/conformance

docs: $(VENV)/.dev
	$(BIN)/python -m mkdocs build --strict

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

notebooks: $(VENV)/.dev
	$(BIN)/python -m tests.examples.notebooks

bench: $(VENV)/.dev $(REAL)/.made
	$(BIN)/python -m benchmarks.client --real-python $(REAL)/bin/python

bench-mock: $(VENV)/.dev $(REAL)/.made
	$(BIN)/python -m benchmarks.mock --real-python $(REAL)/bin/python

# Leaves the source distribution and the wheel in dist/.
release-check: $(VENV)/.dev
	rm -rf dist
	$(BIN)/python -m build
	$(BIN)/python -m twine check --strict dist/*
	$(BIN)/python tests/release/check_wheel.py dist/*.whl

clean:
	rm -rf .venv demo-output site

$(VENV)/.demo: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable '.[mock,images]'
	touch $@

$(VENV)/.dev: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable '.[mock,images,dev]'
	touch $@

$(REAL)/.made: tests/conformance/requirements.txt
	$(PYTHON) -m venv $(REAL)
	PIP_CONSTRAINT= $(REAL)/bin/python -m pip install --quiet --requirement $<
	touch $@
