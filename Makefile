# One entry for people and for CI. Needs Python 3.11 or newer with venv, and nothing else.
#
#   make demo PORT=9000        make test DB=sqlite ARGS="tests/core -k access"        make lock ARGS=--upgrade

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
export HOST PORT

VENV := .venv
PY := $(VENV)/bin/python
# Hashes pin every file; --no-deps, because the lock is complete and pip must not add to it.
INSTALL := $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps
COMPILE := CUSTOM_COMPILE_COMMAND="make lock" $(PY) -m piptools compile --quiet --generate-hashes --strip-extras \
	--allow-unsafe --no-emit-index-url --no-emit-trusted-host --no-emit-find-links

.DEFAULT_GOAL := help
.PHONY: help demo test e2e lint bench bench-names messages lock clean

help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## /{printf "%-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# The stamps say what the environment holds. A lock that changed is newer than its stamp and is installed again.
$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Liaison needs Python 3.11 or newer. Name one: make PYTHON=python3.11 ..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "This Python cannot make virtual environments. On Debian: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(VENV)/.base-installed: requirements/base.txt $(VENV)/.created
	$(INSTALL) -r requirements/base.txt
	@touch $@

# dev.txt contains base.txt, so both stamps are set and `make demo` after `make test` installs nothing.
$(VENV)/.dev-installed: requirements/dev.txt requirements/base.txt $(VENV)/.created
	$(INSTALL) -r requirements/dev.txt
	@touch $(VENV)/.base-installed $@

demo: $(VENV)/.base-installed  ## Set up, load the sample data and serve it (PORT=, HOST=, DATABASE_URL=)
	@exec $(PY) -m deploy.demo

test: $(VENV)/.dev-installed  ## Run the tests on SQLite and PostgreSQL (DB=sqlite|postgres, ARGS=...)
	@exec $(PY) -m deploy.run_tests --db "$(DB)" $(ARGS)

e2e: $(VENV)/.dev-installed  ## Run the tests in a browser and against real servers (DB=, ARGS=)
	@exec $(PY) -m deploy.run_tests --e2e --db "$(DB)" $(ARGS)

lint: $(VENV)/.dev-installed  ## Run all static checks
	@exec $(PY) -m deploy.lint

bench: $(VENV)/.dev-installed  ## Measure against the limits (N=1000000 leads, DB=sqlite|postgres, ONLY=csv,api)
	@exec env N="$(or $(N),100000)" DB="$(DB)" ONLY="$(ONLY)" $(PY) -m benchmarks

bench-names: $(VENV)/.dev-installed  ## Measure how names are matched (NAMES_DATA=folder, EACH=100, HALF=kept, ONLY=people_ja)
	@exec $(PY) -m benchmarks.names

messages: $(VENV)/.dev-installed  ## Collect the texts to translate into locale/ and say what is missing
	@exec $(PY) -m deploy.test_env update_messages
	@exec $(PY) -m deploy.test_env compile_translations

lock: $(VENV)/.dev-installed  ## Renew requirements/*.txt from *.in (ARGS=--upgrade for newer versions)
	$(COMPILE) $(ARGS) --output-file requirements/base.txt requirements/base.in
	$(COMPILE) $(ARGS) --output-file requirements/dev.txt requirements/dev.in
	@! grep -nE '://|^-|@ ' requirements/base.txt requirements/dev.txt || \
		{ echo "A lock names an address: write the package in the .in file by name only."; exit 1; }

clean:  ## Remove what can be made again; data in var/ and .env stay
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	find . -name '*.mo' -not -path './.git/*' -delete
