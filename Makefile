# Glasshouse: `make run` starts it, `make test` checks it, `make bench` measures it. All work from a fresh clone.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
BROWSERS := chromium chromium-browser google-chrome google-chrome-stable
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

.PHONY: run test test-peers bench shots lint browser lock

run: $(INSTALLED)
	@exec $(BIN)/python manage.py up

test: $(INSTALLED) lint browser
	$(BIN)/pytest -n 2 --dist loadfile

# Real servers of other people, fetched by name when they are first asked for; `make test` goes without them.
test-peers: $(INSTALLED) browser
	$(BIN)/pytest tests/peers/check_bluesky.py tests/peers/check_snac.py

bench: $(INSTALLED)
	@$(BIN)/python -m tests.bench

shots: $(INSTALLED) browser
	@$(BIN)/python -m tests.shots

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --lint --quiet .

browser:
	@for name in $(BROWSERS); do command -v $$name >/dev/null && exit 0; done; \
	$(SUDO) apt-get update -q && $(SUDO) apt-get install -q -y --no-install-recommends chromium

$(INSTALLED): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Glasshouse needs Python 3.11 or newer: name one with PYTHON=")'
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV), once"
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

# The lock holds hashes and no address: where packages come from is the machine's own affair.
lock:
	$(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/python -m pip install --quiet pip-tools
	$(VENV)-lock/bin/pip-compile --quiet --generate-hashes --extra dev --strip-extras --no-header \
	  --no-emit-index-url --no-emit-trusted-host --no-emit-find-links -o requirements.lock pyproject.toml
	rm -r $(VENV)-lock
