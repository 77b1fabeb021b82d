# What people type. Every target prepares what it needs; on a fresh machine only Python 3.11+ (with venv) and make are asked for.
# Another Python than python3: make run PYTHON=python3.11
PYTHON ?= python3
PY := .venv/bin/python
STAMP := .venv/.installed
PROGRAM := .venv/.program

# Tests that are written for SQLite and hold on PostgreSQL, too: announcements, inbox, desk, sending, tokens, polling.
ON_POSTGRES := tests/announcements tests/inbox/test_inbox_talks.py tests/inbox/test_inbox_wishes.py \
  tests/inbox/test_inbox_ownership.py tests/channels/outbox tests/channels/test_zalo_tokens.py \
  tests/channels/test_telegram_polling.py tests/desk/test_desk_people.py tests/desk/test_desk_rights.py \
  tests/desk/test_desk_announcing.py tests/desk/test_desk_announced.py tests/desk/test_desk_steering.py \
  tests/desk/test_desk_forwarding.py tests/hostile/test_hostile_desk.py tests/store/test_store_rekeying.py

.PHONY: help setup run test check fix texts chat serve test-postgres soak dist sbom try-docs house
help:
	@echo "make run    open the demonstration in the browser (http://127.0.0.1:8080)"
	@echo "make test   run every test"
	@echo "make check  formats, types, import rules, data"
	@echo "make fix    mend what can be mended by machine"
	@echo "make chat   talk in the terminal      make serve  run for real      make texts  list the interface's texts"
	@echo "make soak   the long fault runs       make sbom   the bill of materials"
	@echo "make dist   build the wheel into dist/, with what belongs to it"
	@echo "make try-docs   follow docs/van-hanh.md on an empty machine (root, Debian's debootstrap and systemd-container)"

setup: $(STAMP)

# What the program needs to run; nothing of it is compiled here.
$(PROGRAM): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed (docs/van-hanh.md): apt-get install python3, or make PYTHON=python3.11"; exit 1; }
	@test -x $(PY) && $(PY) -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv .venv || { rm -rf .venv; echo "venv is missing: apt-get install python3-venv"; exit 1; }
	$(PY) -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $(PROGRAM)

# What its tests and checks need, too.
$(STAMP): $(PROGRAM)
	$(PY) -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	$(PY) -m bot prepare
	@touch $(STAMP)

run: $(PROGRAM)
	$(PY) -m bot serve --demo

serve: $(PROGRAM)
	$(PY) -m bot serve

chat: $(PROGRAM)
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
	sh tests/postgres.sh $(PY) -m pytest -q -n 2 --dist loadfile tests/store tests/postgres
	HOCNGHE_TEST_ON=postgresql sh tests/postgres.sh $(PY) -m pytest -q -n 2 --dist loadfile -m "not soak" $(ON_POSTGRES)

soak: setup
	sh tests/postgres.sh $(PY) -m pytest -m soak tests/soak

dist: setup
	rm -rf build dist
	$(PY) -m build --wheel
	cp constraints.txt dist/
	$(MAKE) sbom

house: setup
	$(PY) docs/house.py

sbom: setup
	$(PY) docs/sbom.py dist/hocnghe.cdx.json

try-docs: setup
	sh tests/ops/machine.sh $(PY) -m pytest -s -m soak tests/ops
