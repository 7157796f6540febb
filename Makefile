# What a person types. `make setup` leaves a ready .venv; every other target calls it when needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.9
UV := $(BIN)/uv
PORT ?= 8000

.PHONY: pictures chaos help setup setup-dev demo test check format lock clean bench-matching bench-fanout bench-validating fuzz soak

help:
	@echo "make demo   run Lookout with an alert being delivered (http://127.0.0.1:$(PORT))"
	@echo "make test   the test suite        make check   format, lint, types, imports"
	@echo "make setup  only the .venv        make lock    renew the lock files"
	@echo "make bench-matching  measures matching beside its peers (N=1000000: the short form)"
	@echo "make bench-fanout    measures the fan-out, its parts and its whole path (N=100000: the short form)"
	@echo "make chaos  tells a million people while everything dies (N=20000: the short form)"
	@echo "make fuzz   feeds broken CAP messages and feeds to their readers (SECONDS=300 each)"
	@echo "make bench-validating  measures the validation of a CAP message"
	@echo "make pictures  writes docs/pictures/ anew, from a small demo in a real browser"
	@echo "make soak   the long form of the tests against oracles"

$(UV):
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

$(VENV)/.setup: requirements.lock pyproject.toml $(wildcard geo/kernel/*.[ch]) geo/kernel/build.py | $(UV)
	$(UV) pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes --only-binary :all: -r requirements.lock
	@command -v cc >/dev/null || command -v gcc >/dev/null || command -v clang >/dev/null || \
	  $(UV) pip install --quiet --python $(BIN)/python --require-hashes --only-binary :all: -r geo/kernel/compiler.lock || \
	  echo "no C compiler: numpy does the compiled helper's work"
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q alerts geo notifiers
	@touch $@

$(VENV)/.setup-dev: requirements-dev.lock $(VENV)/.setup
	$(UV) pip install --quiet --python $(BIN)/python --only-binary :all: -c requirements-dev.lock setuptools wheel
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes --only-binary :all: --no-binary http-ece \
	  --no-build-isolation -r requirements-dev.lock
	@touch $@

setup: $(VENV)/.setup

setup-dev: $(VENV)/.setup-dev

bench-matching: setup-dev
	$(BIN)/python -m benchmarks.matching

bench-fanout: setup-dev
	$(BIN)/python -m benchmarks.fanout

bench-validating: setup-dev
	$(BIN)/python -m benchmarks.validating

# Whatever the bytes, an answer within a second: SECONDS=300 of it each, from the corpus on.
fuzz: setup-dev
	PYTHONPATH=. $(BIN)/python tests/fuzz/fuzz_cap.py
	PYTHONPATH=. $(BIN)/python tests/fuzz/fuzz_feeds.py

# Everything dies while N people (a million) are told; counted at the receiver.
chaos: setup-dev
	$(BIN)/python -m benchmarks.chaos

# The long runs: the same tests with more of everything, by the hour.
soak: setup-dev
	LOOKOUT_PAIRS=100000 $(BIN)/pytest --timeout=0 -n 2 tests/geo/test_index_against_oracles.py
	LOOKOUT_FLIPS=20000 $(BIN)/pytest --timeout=0 -n 2 tests/alerts/test_signature_flips.py
	LOOKOUT_CALLS=300 $(BIN)/pytest --timeout=0 -n 2 --dist worksteal tests/alerts/api/test_schemathesis.py
	LOOKOUT_LIVES=10000 $(BIN)/pytest --timeout=0 -n 2 tests/alerts/test_lifecycle_machine.py tests/alerts/service/test_lives_in_the_store.py

# Every page as it looks, for README and docs: needs Chromium.
pictures: setup-dev
	PYTHONPATH=. $(BIN)/python -m benchmarks.pictures

demo: setup
	@PORT=$(PORT) $(BIN)/lookout demo

test: setup-dev
	$(BIN)/pytest

check: setup-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: | $(UV)
	$(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --extra build pyproject.toml -o requirements.lock
	$(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --extra build --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock
	echo "ziglang==0.17.1" | $(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header - -o geo/kernel/compiler.lock

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
