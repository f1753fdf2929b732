# Two commands matter: `make book` and `make test`. Both set up .venv first.

PYTHON ?= python3
PROFILE ?= quick
# What `make benchmark` measures.
BENCHMARK ?= tests/benchmarks
# STRICT=--strict: any warning of a page or of the book fails.
STRICT ?=
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
TESTED := $(VENV)/.ready-for-tests
PIP := $(BIN)/python -m pip install --quiet --no-compile

.PHONY: book test lint benchmark lock clean

book: $(READY)
	$(BIN)/python -m helpers run --profile $(PROFILE) --dataset reference --html _build/html $(STRICT)

# One thread: small matrices gain nothing from two, and lose much on a busy machine. Two processes
# take the tests file by file, whole runs first (tests/conftest.py).
test: $(TESTED) lint
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests --ignore=tests/benchmarks --durations=10 \
	  --numprocesses 2 --dist loadfile --no-loadscope-reorder -p no:benchmark

lint: $(TESTED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

benchmark: $(TESTED)
	$(BIN)/python -m pytest $(BENCHMARK) -s

# Every package is pinned with the hashes of its files, so pip has nothing to resolve and takes
# nothing else. Only of torch the file is not known: it depends on the build which pip finds (CPU or
# CUDA), as do the packages which that brings. Its C++ headers, and the programs that test it, are
# thrown away again: 170 MB.
$(READY): requirements.lock requirements-torch.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(None if (3, 11) <= v <= (3, 13) \
	else f"Python {v[0]}.{v[1]} found, 3.11 to 3.13 needed: set PYTHON, as in make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(PIP) --no-deps --require-hashes --requirement requirements.lock
	$(PIP) --requirement requirements-torch.lock
	cd $(VENV)/lib/python3*/site-packages/torch && rm -rf test include bin/test_* bin/*Test
	$(PIP) --no-deps --no-build-isolation --editable .
	touch $@

$(TESTED): $(READY) requirements-test.lock
	$(PIP) --no-deps --require-hashes --requirement requirements-test.lock
	touch $@

lock: $(TESTED)
	$(BIN)/python scripts/lock_requirements.py

# Only what the book has made goes; files of yours in _build stay.
clean:
	$(or $(wildcard $(BIN)/python),$(PYTHON)) -m helpers clean
