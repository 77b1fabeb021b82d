# What people type. Every target prepares what it needs; on a fresh machine only Python 3.11+ and make are asked for.
PY := .venv/bin/python
STAMP := .venv/.installed

# Tests that are written for SQLite and hold on PostgreSQL, too: announcements, inbox, desk, sending, tokens, polling.
ON_POSTGRES := tests/announcements tests/inbox/test_inbox_talks.py tests/channels/test_outbox.py tests/channels/test_zalo_tokens.py \
  tests/channels/test_telegram_polling.py tests/desk/test_desk_people.py tests/desk/test_desk_rights.py \
  tests/hostile/test_hostile_desk.py

.PHONY: help setup run test check fix texts chat serve test-postgres soak dist sbom
help:
	@echo "make run    open the demonstration in the browser (http://127.0.0.1:8080)"
	@echo "make test   run every test"
	@echo "make check  formats, types, import rules, data"
	@echo "make fix    mend what can be mended by machine"
	@echo "make chat   talk in the terminal      make serve  run for real      make texts  list the interface's texts"
	@echo "make soak   the long fault runs       make dist   build the wheel       make sbom   its bill of materials"

setup: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: apt-get install python3"; exit 1; }
	@test -x $(PY) || python3 -m venv .venv || { echo "venv is missing: apt-get install python3-venv"; exit 1; }
	$(PY) -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	$(PY) -m intents.training
	@touch $(STAMP)

run: setup
	$(PY) -m bot serve --demo

serve: setup
	$(PY) -m bot serve

chat: setup
	$(PY) -m bot chat --demo

test: setup
	sh tests/browser.sh
	$(PY) -m pytest -n 2 --dist loadfile

check: setup
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports --no-cache
	$(PY) -m bot check

fix: setup
	$(PY) -m ruff check --fix-only .
	$(PY) -m ruff format .

texts: setup
	$(PY) -m bot texts

test-postgres: setup
	sh tests/postgres.sh $(PY) -m pytest -q tests/store tests/postgres
	HOCNGHE_TEST_ON=postgresql sh tests/postgres.sh $(PY) -m pytest -q -m "not soak" $(ON_POSTGRES)

soak: setup
	$(PY) -m pytest -m soak tests/soak

dist: setup sbom
	$(PY) -m build --wheel

sbom: setup
	$(PY) docs/sbom.py dist/hocnghe.cdx.json
