# Glasshouse: `make run` starts it, `make test` checks it, `make bench` measures it. All work from a fresh clone.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
TOOLS := $(VENV)/.tools
PIP := -m pip install --quiet --quiet --disable-pip-version-check
BROWSERS := chromium-headless-shell chromium chromium-browser google-chrome google-chrome-stable
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

# What one process compiles, the others read: a product is half a dozen of them.
export PYTHONDONTWRITEBYTECODE :=

# What does not wait for each other goes side by side: types are checked while the first tests run.
MAKEFLAGS += --jobs=2

.PHONY: run test units test-full test-peers bench bench-large shots lint style types browser lock

run: $(INSTALLED)
	@exec $(BIN)/python manage.py up

test: lint units

# In the order in which they are collected: by their number of tests, the slowest files would come last and run alone.
units: $(TOOLS) style browser
	$(BIN)/pytest -n 4 --dist loadfile --no-loadscope-reorder

# The long versions of the faults that `make test` goes through briefly: 200 kills in 20,000 posts, 50 dead senders a step.
test-full: $(TOOLS)
	$(BIN)/pytest -m full tests/faults

# Real servers of other people, fetched by name when they are first asked for; `make test` goes without them.
test-peers: $(TOOLS) browser
	$(BIN)/pytest tests/peers/check_bluesky.py tests/peers/check_snac.py

bench: $(TOOLS)
	@$(BIN)/python -m tests.bench

# The reports over five times as many mentions: every figure within 1.5 times of what `make bench` says.
bench-large: $(TOOLS)
	@BENCH_MENTIONS=5000000 $(BIN)/python -m tests.bench reports

shots: $(TOOLS) browser
	@$(BIN)/python -m tests.shots

lint: style types

style: $(TOOLS)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/djlint --lint --quiet .

types: $(TOOLS)
	$(BIN)/mypy

browser:
	@for name in $(BROWSERS); do command -v $$name >/dev/null && exit 0; done; \
	$(SUDO) apt-get update -q; for name in chromium-headless-shell chromium; do \
	$(SUDO) apt-get install -q -y --no-install-recommends $$name && exit 0; done; exit 1

$(INSTALLED): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Glasshouse needs Python 3.11 or newer: name one with PYTHON=")'
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV), once"
	@$(BIN)/python $(PIP) --require-hashes -r requirements.lock
	@touch $@

$(TOOLS): requirements-dev.lock $(INSTALLED)
	@echo "Installing what checks and measures it"
	@$(BIN)/python $(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

# The locks hold hashes and no address: where packages come from is the machine's own affair. What runs is pinned to
# the versions that were tested.
COMPILE := $(VENV)-lock/bin/pip-compile --quiet --generate-hashes --strip-extras --no-header \
  --no-emit-index-url --no-emit-trusted-host --no-emit-find-links
lock:
	$(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/python -m pip install --quiet pip-tools
	$(COMPILE) --extra dev -o requirements-dev.lock pyproject.toml
	$(COMPILE) -c requirements-dev.lock -o requirements.lock pyproject.toml
	rm -r $(VENV)-lock
