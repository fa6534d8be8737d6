# Copyright (c) 2026, community.thousandeyes contributors
# SPDX-License-Identifier: GPL-3.0-or-later

# All that these commands create is in .build/. Only the demo, like any use of Ansible, uses ~/.ansible.

PYTHON ?= python3
BUILD := $(CURDIR)/.build
TOOLS := $(BUILD)/venv/.installed
NOX := $(BUILD)/venv/bin/nox
DEMO := $(BUILD)/demo

export XDG_CACHE_HOME := $(BUILD)/cache
export PYTHONPYCACHEPREFIX := $(BUILD)/cache/pycache
export PYENV_ROOT ?= $(HOME)/.pyenv

# uv, which fills the environments of nox, reads neither pip's configuration nor, unless told, the system's certificates.
export UV_SYSTEM_CERTS := 1
INDEX := $(or $(PIP_INDEX_URL),$(shell $(PYTHON) -m pip config get global.index-url 2>/dev/null))
ifneq ($(INDEX),)
export UV_DEFAULT_INDEX ?= $(INDEX)
endif

# Tests neither see nor change the ledger, the ansible.cfg and the collections of whoever runs them.
REAL_HOME := $(HOME)
check format test picture screenshots unit integration sanity lint soak bench verdict rehearsal docs: export HOME := $(BUILD)/home

.PHONY: help demo picture screenshots check format test unit integration sanity lint soak bench verdict rehearsal docs simulator clean

help:  ## List these commands
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 14

demo: $(DEMO)/.collection  ## Build and install the collection, and keep the evidence of a change of the simulator
	$(DEMO)/venv/bin/python tests/tools/demo.py

picture: $(TOOLS)  ## Make the picture in the README anew, of a report of the tests, by Chromium
	$(NOX) -s browser -- picture

screenshots: $(TOOLS)  ## Show reports of all states on desktop and phone, in the dark and printed, in .build/screenshots
	$(NOX) -s browser -- screenshots

check: $(TOOLS)  ## In a few minutes: format, lint, types, the fast unit tests, and one integration target
	CI=true $(NOX) -s formatters codeqa yamllint mypy
	$(NOX) -s "unit(2.21-py3.13)" "unit_report(2.21-py3.13)" -- -n 2 -m "not slow" -k "not postgresql"
	$(NOX) -s "integration(2.21-py3.13)" -- snapshot_basic

format: $(TOOLS)  ## Format the Python code
	CI=false $(NOX) -s formatters

test: $(TOOLS)  ## Everything: all of the sessions below
	$(BUILD)/venv/bin/python tests/tools/run.py

unit: $(TOOLS)  ## Unit tests (ARGS="-k windows" gives pytest options)
	$(NOX) -s unit unit_report unit_target unit_simulator -- $(ARGS)

integration: $(TOOLS)  ## Integration tests (TARGET=snapshot_basic runs only that one)
	$(NOX) -s integration -- $(or $(TARGET),all)

sanity: $(TOOLS)  ## ansible-test sanity (ARGS="--test pylint" gives it options)
	$(NOX) -s sanity -- $(ARGS)

lint: $(TOOLS)  ## Everything else: linters, types, docs, licences, changelog, Galaxy's importer
	CI=true $(NOX) -s ansible-lint mypy changelog docs antsibull-nox-config github rehearsal codeqa docs-check extra-checks \
	  formatters license-check yamllint

soak: $(TOOLS)  ## Random faults and kills for half an hour (FAULT_SECONDS=600, FAULT_SEED=1 repeats a run)
	FAULT_SECONDS=$(or $(FAULT_SECONDS),1800) $(NOX) -s "faults(2.21-py3.13)" -- -k random

rehearsal: $(TOOLS)  ## Release the next version (VERSION=1.0.0) in a copy of the checkout, which stays as it is
	$(NOX) -s rehearsal -- $(VERSION)

bench: $(TOOLS)  ## Measure what a task costs, on a quiet machine, into tests/benchmarks/RESULTS.md (ROUNDS=9)
	$(NOX) -s bench -- $(ROUNDS)

verdict: $(TOOLS)  ## Measure how well the verdict judges, for up to an hour, into docs/verdict.md (SEED=1, DATA=folder)
	DATA=$(abspath $(DATA)) $(NOX) -s verdict -- $(SEED)

docs: $(TOOLS)  ## Build the site of the guides and the modules, and say where it is
	$(NOX) -s docs

simulator: $(DEMO)/venv/.installed  ## Start the API simulator on a free port
	$(DEMO)/venv/bin/python tests/simulator --port 0

clean:  ## Remove all that these commands created
	rm -rf $(BUILD)

$(TOOLS): Makefile | $(BUILD)/home
	$(PYTHON) -m venv $(BUILD)/venv
	$(BUILD)/venv/bin/pip install --quiet antsibull-nox nox ruff uv yamllint
	touch $@

# The settings of pip, uv and git apply there too.
$(BUILD)/home:
	mkdir -p $@
	for name in .config .pip .gitconfig; do if [ -e $(REAL_HOME)/$$name ]; then ln -s $(REAL_HOME)/$$name $@; fi; done

$(DEMO)/venv/.installed: Makefile tests/integration/requirements.txt
	$(PYTHON) -m venv $(DEMO)/venv
	$(DEMO)/venv/bin/pip install --quiet ansible-core -r tests/integration/requirements.txt
	touch $@

# Built as a release is, and installed as a user does it.
$(DEMO)/.collection: $(DEMO)/venv/.installed $(shell find galaxy.yml README.md meta playbooks plugins roles -type f)
	rm -rf $(BUILD)/dist $(DEMO)/collections
	$(DEMO)/venv/bin/ansible-galaxy collection build --output-path $(BUILD)/dist
	ANSIBLE_COLLECTIONS_PATH=$(DEMO)/collections $(DEMO)/venv/bin/ansible-galaxy collection install $(BUILD)/dist/*.tar.gz
	touch $@
