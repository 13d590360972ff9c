# Everything one does with Anliegen. `make` alone lists it.

PORT ?= 8000
SMTP_PORT ?= 2525
DATA ?= ./data
DEMO ?= 1
VENV ?= .venv
# Two workers suit a small machine; 0 runs everything in one process.
WORKERS ?= 2
ARGS ?=

PYTHON ?= $(shell command -v python3.11 || command -v python3)
PY := $(VENV)/bin/python
UV := $(shell command -v uv)
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/*.po))
TEMPLATES := $(wildcard templates $(addsuffix /templates,$(wildcard helpdesk/*)))
CODE := $(wildcard helpdesk channels_in knowledgebase)

PYTEST := $(PY) -m pytest
PARALLEL := -n $(WORKERS) --dist loadfile --no-loadscope-reorder
# Reading all the others takes longer than what runs a second time.
BOTH_ENGINES = $(shell grep -rl both_engines tests --include='test_*.py')
LONG := e2e_all or faults or bench

# Installs by uv where it is there, else, or when that fails, by pip; hashes are demanded by both.
define install_from
	@echo "Installing $(1)"
	@$(if $(UV),uv pip install --quiet --python $(PY) --require-hashes -r $(1) 2>/dev/null ||) \
		$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1)
	@touch $@
endef

.PHONY: help install install-dev system-packages run test check e2e e2e-all faults bench bench-web bench-desk lock \
	format messages lint types imports templates migrations translations reasons sources

help:
	@echo "make run        serve Anliegen (PORT=$(PORT) SMTP_PORT=$(SMTP_PORT) DATA=$(DATA) DEMO=$(DEMO))"
	@echo "make install    virtual environment with what the product needs"
	@echo "make test       all tests of a change; ARGS=… goes to pytest"
	@echo "make check      lint, types, contracts, formats, migrations, translations"
	@echo "make e2e        the browser tests alone; make e2e-all: every page, theme, language, state"
	@echo "make faults     kills and failing servers; make bench, bench-web, bench-desk: measurements"
	@echo "make format     format code and templates; make messages: update translations"
	@echo "make lock       pin requirements*.in anew"

$(PY):
	@test -n "$(PYTHON)" || { echo "Python 3.11 is missing: apt install python3"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Anliegen needs Python 3.11 or newer; name one with PYTHON=/path"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo "Python's venv module is missing: apt install python3.11-venv"; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.txt | $(PY)
	$(call install_from,requirements.txt)

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	$(call install_from,requirements-dev.txt)

%.mo: %.po | $(VENV)/.installed
	@$(PY) -m tools.messages compile

install: $(VENV)/.installed $(CATALOGUES)

install-dev: $(VENV)/.installed-dev $(CATALOGUES)

system-packages:
	@tools/system_packages.sh

run: install
	@exec $(PY) manage.py serve --port $(PORT) --smtp-port $(SMTP_PORT) --data $(DATA) --demo $(DEMO)

test: install-dev system-packages
	$(PYTEST) $(PARALLEL) -m "not ($(LONG))" $(ARGS)
	TEST_DATABASE=postgres $(PYTEST) $(PARALLEL) -m "both_engines and not ($(LONG))" \
		$(or $(ARGS),$(BOTH_ENGINES))

e2e: install-dev system-packages
	$(PYTEST) -n 0 -m "e2e and not ($(LONG))" $(ARGS)

e2e-all: install-dev system-packages
	$(PYTEST) $(PARALLEL) -m "e2e or e2e_all" $(ARGS)

faults: install-dev system-packages
	$(PYTEST) -n 0 -m faults $(ARGS)

bench: install-dev system-packages
	$(PY) -m bench $(ARGS)

# As a browser on a bad line sees the portal: bytes, largest paint, shifts, the server's work.
bench-web: install-dev system-packages
	$(PY) -m bench.web $(ARGS)

# As an agent feels the desk: keys, opened requests and colleagues' texts until they are painted.
bench-desk: install-dev system-packages
	$(PY) -m bench.desk $(ARGS)

check: lint types imports templates migrations translations reasons sources

lint: install-dev
	$(PY) -m ruff check
	$(PY) -m ruff format --check

types: install-dev
	$(PY) -m mypy

imports: install-dev
	$(VENV)/bin/lint-imports --no-logo

templates: install-dev
	$(VENV)/bin/djangofmt --check --quiet $(TEMPLATES)

migrations: install-dev
	DJANGO_SETTINGS_MODULE=tests.settings $(PY) manage.py makemigrations --check --dry-run
	@! find $(CODE) -path '*/migrations/*_auto_*.py' | grep . \
		|| { echo "name migrations by hand"; exit 1; }

translations: install-dev
	$(PY) -m tools.check_translations

reasons: install-dev
	$(PY) -m tools.check_reasons

# Lock files name no host; searches go through helpdesk.search or an index, never by icontains.
sources:
	@! grep -n '://' requirements*.txt
	@! grep -rnE --include='*.py' '__i?(contains|regex)\b|__istartswith|__iendswith|SearchVector\(' $(CODE)

format: install-dev
	$(PY) -m ruff check --select I --fix
	$(PY) -m ruff format
	$(VENV)/bin/djangofmt $(TEMPLATES)

messages: install-dev
	$(PY) -m tools.messages update
	$(PY) -m tools.messages compile

# The dev lock is bound to the runtime's versions by the -c line in requirements-dev.in.
COMPILE := $(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--strip-extras --no-emit-index-url --no-emit-find-links --no-header
lock: install-dev
	$(COMPILE) $(ARGS) requirements.in -o requirements.txt
	$(COMPILE) $(ARGS) requirements-dev.in -o requirements-dev.txt
