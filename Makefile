# Everything a developer does here, one word each. `make` lists them.
# Needs Python 3.11, 3.12 or 3.13 and nothing else; paths are relative, so that the checkout may lie anywhere.

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
# Of a dozen processes, each would compile what it imports at every start.
unexport PYTHONDONTWRITEBYTECODE
SHELL := /bin/sh

PYTHON ?= $(shell for name in python3.12 python3.13 python3.11 python3; do \
	"$$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null && echo "$$name" && break; done)
BIN := .venv/bin
UV := uv==0.13.9
ARGS ?=

.PHONY: help install dev demo test browser spark check format bench drill mutants allowlist lock clean

help: ## List what make can do
	@echo "Gatehouse: make TARGET"
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  %-9s %s\n", $$1, $$2}' Makefile

install: .venv/installed ## Build .venv with the locked dependencies

demo: .venv/installed ## Start the portal with the demo company (PORTAL_PORT, PORTAL_HOME)
	@exec $(BIN)/python manage.py up --demo $(ARGS)

test: .venv/installed-dev browser spark ## Run the whole test suite (ARGS go to pytest)
	@exec $(BIN)/python -m pytest -n auto $(ARGS)

check: .venv/installed-dev ## Format, lint, types, import contracts and documentation tests, as CI does
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m ruff check .
	$(BIN)/python -m mypy portal access catalog
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python -m pytest -q tests/architecture

format: .venv/installed-dev ## Put the code into shape
	$(BIN)/python -m ruff format .
	$(BIN)/python -m ruff check --fix .

bench: .venv/installed-dev ## Run the benchmarks (ONLY=name for one) and write bench/results.json
	@exec $(BIN)/python -m bench $(if $(ONLY),--only $(ONLY)) $(ARGS)

drill: .venv/installed-dev ## Run the long drills: kills, crashes and races, for minutes
	@exec $(BIN)/python -m pytest -m drill $(ARGS)

mutants: .venv/installed-dev ## Break the guard in 400 small ways and see that tests notice (ARGS: see tests/mutants)
	@exec $(BIN)/python -m tests.mutants $(ARGS)

allowlist: .venv/installed-dev ## Write docs/reference/allow-list.md from the code
	@$(BIN)/python docs/allow_list.py

lock: .venv/installed-dev ## Resolve pyproject.toml anew into the two hashed lock files
	$(BIN)/python -m uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
		pyproject.toml --output-file requirements.lock
	$(BIN)/python -m uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
		pyproject.toml --group dev --constraint requirements.lock --output-file requirements-dev.lock
	$(BIN)/python -m uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
		--no-deps --group spark-server --output-file requirements-spark.lock

clean: ## Remove what the tools left; keeps .portal and .venv
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache test-results
	find portal access catalog tests bench -name __pycache__ -type d -prune -exec rm -rf {} +

# --- How .venv comes about: uv where it can be had (seconds), else pip with the same lock (a minute)

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Gatehouse needs Python 3.11, 3.12 or 3.13 on the PATH."; exit 1; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; \
		echo "Could not make .venv. On Debian or Ubuntu: apt-get install python3-venv"; exit 1; }

.venv/uv: | .venv/bin/python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "$(UV)" || \
		echo "uv could not be installed; pip will do, more slowly."
	@touch .venv/uv

.venv/installed: requirements.lock | .venv/uv
	@echo "Installing the locked dependencies ..."
	@$(call install_from,requirements.lock)
	@touch .venv/installed

.venv/installed-dev: requirements-dev.lock | .venv/uv
	@echo "Installing the locked dependencies, tools for tests included ..."
	@$(call install_from,requirements-dev.lock)
	@touch .venv/installed .venv/installed-dev

# The system's own certificates, as pip uses them: behind a company's proxy uv's built-in ones are not enough.
define install_from
$(BIN)/python -m uv pip install --system-certs --quiet --python $(BIN)/python --require-hashes -r $(1) 2>.venv/uv.log || { \
	echo "uv could not install them; pip does, more slowly."; \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1); \
}
endef

# --- The Spark server that the Spark tests ask: PySpark's jars, in a folder of their own (480 MB)

JAVA := $(shell java -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p')

spark: .venv/uv ## Put a Spark server for its tests into .venv-spark, where Java 17 or newer is
	@if [ "0$(JAVA)" -ge 17 ]; then $(MAKE) .venv-spark/installed || \
		echo "Spark could not be installed; its tests will be skipped."; \
	else echo "No Java 17 or newer here; the Spark tests will be skipped. Install it to run them."; fi

.venv-spark/installed: requirements-spark.lock | .venv/uv
	@echo "Installing Spark for its tests (about half a minute) ..."
	@rm -rf .venv-spark
	@$(BIN)/python -m uv pip install --system-certs --quiet --no-deps --require-hashes --target .venv-spark \
		-r requirements-spark.lock 2>.venv/uv.log || \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
			--target .venv-spark -r requirements-spark.lock
	@touch .venv-spark/installed

# --- The browser that the browser tests drive

# The headless shell is the same Chromium without its windows, and quicker for that.
browser:
	@for name in chromium-headless-shell chromium chromium-browser google-chrome; do command -v $$name >/dev/null && exit 0; done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing a browser for the browser tests ..."; \
		export DEBIAN_FRONTEND=noninteractive; \
		apt-get update -qq >/dev/null && \
		for name in chromium-headless-shell chromium; do \
			apt-get install -y -qq --no-install-recommends $$name fonts-dejavu-core >/dev/null 2>&1 && exit 0; \
		done; \
		echo "No browser could be installed; the browser tests will be skipped."; \
	else \
		echo "No chromium here; the browser tests will be skipped. Install it to run them."; \
	fi
