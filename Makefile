# What people type. Each target says what it does; `make` alone lists them.
# PYTHON names the interpreter to build with, PYTEST_ARGS go to pytest.

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/bptm
PYTEST_ARGS ?=
UP_ARGS ?=
# A name that is asked for may be in one half of the tests only: pytest ends with 5 where it finds none.
MAY_BE_NONE = $(if $(PYTEST_ARGS),|| [ $$? = 5 ])

# Types are checked beside the tests, since that uses one core only; their words come last.
define beside_types
@$(VENV)/bin/basedpyright >$(VENV)/types.log 2>&1 & types=$$!; \
$(1); tests=$$?; \
wait $$types; types=$$?; echo "basedpyright: $$(tail -n 1 $(VENV)/types.log)"; \
[ $$types = 0 ] || { cat $(VENV)/types.log; exit $$types; }; exit $$tests
endef

.PHONY: help setup dev run check test weekly bench vectors vectors-long safety clean

help:
	@echo "make run     set up if need be, then replay a real outage in your browser (UP_ARGS='--meters 200')"
	@echo "make setup   only prepare $(VENV)"
	@echo "make check   format, lint, types, imports, fast tests (under two minutes)"
	@echo "make test    everything, browser included: what CI runs (PYTEST_ARGS='-k name')"
	@echo "make weekly  what make test samples, in full: more healthy days, ten times the vectors (an hour)"
	@echo "make vectors golden vectors: one trace in CPython, numba, MicroPython and C; vectors-long: ten times as much"
	@echo "make safety  prove and test again what the safety argument names, and write the results into it (six minutes or more)"
	@echo "make bench   the main job, the controller in every runtime, metrology, detection, the desk, the fleet: beside a limit"

setup:
	@sh scripts/setup.sh "$(PYTHON)" run

dev:
	@sh scripts/setup.sh "$(PYTHON)" dev

run: setup
	@exec $(RUN) up $(UP_ARGS)

check: dev
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/lint-imports
	$(call beside_types,$(VENV)/bin/pytest -q -n auto --dist worksteal \
		-m "not slow and not weekly and not system and not browser" $(PYTEST_ARGS))

test: dev
	@sh scripts/setup.sh "$(PYTHON)" test
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/lint-imports
	$(call beside_types,$(VENV)/bin/pytest -n auto --dist worksteal -m "not weekly and not system and not browser" \
		$(PYTEST_ARGS) $(MAY_BE_NONE))
	$(VENV)/bin/pytest -n 2 --dist loadfile \
		-m "$(if $(BPTM_NO_BROWSER),system and not browser,system or browser)" $(PYTEST_ARGS) $(MAY_BE_NONE)

weekly: dev vectors-long
	$(VENV)/bin/pytest -n auto --dist worksteal -m weekly $(PYTEST_ARGS)

bench: dev
	@sh scripts/setup.sh "$(PYTHON)" tools
	$(VENV)/bin/python scripts/bench.py
	$(VENV)/bin/python scripts/bench_controller.py
	$(VENV)/bin/python scripts/bench_metrology.py
	$(VENV)/bin/python scripts/bench_detection.py --quick
	$(VENV)/bin/python scripts/bench_program.py
	$(VENV)/bin/python scripts/bench_twin.py
	$(VENV)/bin/python scripts/bench_fleet.py --quick

vectors: dev
	$(VENV)/bin/bptm firmware vectors build/vectors

safety: dev
	$(VENV)/bin/python scripts/make_state_diagram.py
	$(VENV)/bin/python scripts/make_reference.py
	$(VENV)/bin/python scripts/make_explanations.py
	$(VENV)/bin/python scripts/make_safety.py --run

vectors-long: dev
	$(VENV)/bin/bptm firmware vectors build/vectors-long --ticks 200000 --seed 2

clean:
	rm -rf $(VENV) build dist src/*.egg-info .pytest_cache .ruff_cache .hypothesis .import_linter_cache
