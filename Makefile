# SPDX-License-Identifier: GPL-3.0-or-later
# The one entry point: a developer, CI and the README run the same targets. Everything built is cached outside the tree.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

ROOT := $(CURDIR)
CACHE := $(or $(GPU_LAUNCH_LAB_CACHE),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/mlinfra-gpu-launch)
CHECKOUT := $(shell printf '%s' '$(ROOT)' | sha1sum | cut -c1-8)
PY := $(ROOT)/.venv/bin/python

# The link tree of make setup comes first everywhere, so collections in the user's home never shadow this checkout.
export GPU_LAUNCH_LAB_CACHE := $(CACHE)
export PATH := $(ROOT)/.venv/bin:$(CACHE)/bin:$(PATH)
export ANSIBLE_COLLECTIONS_PATH := $(ROOT)/collections
export ANSIBLE_HOME := $(CACHE)/ansible-home
export ANSIBLE_NOCOWS := 1
export MOLECULE_GLOB := molecule/*/molecule.yml
export MOLECULE_EPHEMERAL_DIRECTORY := $(CACHE)/molecule/$(CHECKOUT)
# Compiled once, outside the tree: without bytecode every start of Ansible costs twice as much.
unexport PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX := $(CACHE)/pycache
export PIP_DISABLE_PIP_VERSION_CHECK := 1

PYTEST := $(PY) -m pytest
# Packages that import the standard library and themselves only.
PURE := plugins/module_utils/node/*,plugins/module_utils/gpu/*,plugins/module_utils/launch/*,plugins/module_utils/doctor/*,plugins/module_utils/lean_dataclass.py

.PHONY: help setup demo demo-down lint unit sanity build lab integration system lifecycle molecule test test-long bench faults \
	launch oracle docs clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-12s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

setup: ## install what everything below needs: Debian packages, Python tools in .venv, collections
	@tests/env/setup.sh

demo: setup ## build the lab, turn its host into a GPU cluster by site.yml, submit a run and show it on two GPUs
	@$(PY) -m tests.lab demo

demo-down: setup ## remove everything the demo started; the cache stays
	@$(PY) -m tests.lab down --all

lint: setup ## ansible-lint (production, strict), yamllint, ruff, mypy strict, changelog, docs and licence checks
	@tests/env/lint.sh

unit: setup ## unit tests; branch coverage of all plugins is shown, of the pure packages it must be complete
	@mkdir -p .cache
	@$(PYTEST) tests/unit --cov --cov-report=
	@$(PY) -m coverage report --format=total | sed 's/^/unit: branch coverage of plugins: /; s/$$/ %/'
	@$(PY) -m coverage report --fail-under=100 --include='$(PURE)'

sanity: setup ## ansible-test sanity on a copy of the tree, no ignore files
	@tests/env/sanity.sh

build: setup ## build the artifact and use it: installed, from a clone, and each role alone in a foreign playbook
	@$(PYTEST) tests/build

lab: setup ## build every artifact of the lab into the cache
	@$(PY) -m tests.lab build

integration: setup ## plugins and playbooks against real Ansible runs on this machine, without the lab
	@$(PYTEST) -n 2 --dist loadfile tests/integration --ignore=tests/integration/lab --ignore=tests/integration/lab_lifecycle \
		--ignore=tests/integration/lab_faults --ignore=tests/integration/lab_launch

oracle: setup ## launch_job_spec against the own code of older agents, with other cases than make integration has
	@GPU_LAUNCH_ORACLE_RELEASES="$(or $(RELEASES),0.31.0 0.27.2 0.20.1 0.17.9)" GPU_LAUNCH_ORACLE_SEED=$(or $(SEED),2) \
		$(PYTEST) -s tests/integration/agent

system: setup ## the site on a new labhost by Molecule, the demo and the tests that ask it, and its removal
	@$(PY) -m tests.env.system

lifecycle: setup ## a second lab comes and goes beside the first, then everything is taken down: nothing may be left
	@trap '$(PY) -m tests.lab down --all || exit 1' EXIT; \
	$(PYTEST) tests/integration/lab_lifecycle

molecule: setup ## the scenarios of all roles on lab hosts; only one: make molecule SCENARIO=docker
	@$(PY) -m tests.env.molecule $(SCENARIO)

test: ## all of the above as stages, with their times and budgets at the end; the first time the lab takes half an hour more
	@python3 -m tests.env.stages setup:1 == lab:1 system:25 -- molecule:22 -- lint:6 unit:6 sanity:5 build:2 integration:6 == lifecycle:3

test-long: ## what doesn't fit into make test
	@python3 -m tests.env.stages setup:10 oracle:10 lab:35 bench:15 faults:40 launch:45

bench: setup ## times of runs with nothing to do, against peers, on the lab host; writes docs/benchmarks.md and its picture
	@trap '$(PY) -m tests.lab down --all' EXIT; \
	$(PY) -m tests.lab demo; \
	$(PY) -m benchmarks $(if $(ROUNDS),--rounds $(ROUNDS))

faults: setup ## ten faults, provoked on a lab host of their own: the doctor finds them, and its commands mend them
	@trap '$(PY) -m tests.lab down faulthost; $(PY) -m tests.lab down --unused' EXIT; \
	$(PY) -m tests.lab down faulthost; \
	$(PY) -m tests.lab up faulthost --suite bookworm; \
	$(PYTEST) --durations=0 --durations-min=5 tests/integration/lab_faults

launch: setup ## the agent on the demo's lab host: eight runs share four GPUs, it loses its server, its key, its life
	@trap '$(PY) -m tests.lab down --all' EXIT; \
	$(PY) -m tests.lab demo; \
	$(PYTEST) --durations=0 --durations-min=5 tests/integration/lab_launch

docs: setup ## the reference of all plugins and roles as HTML, in docs/build
	@tests/env/docs.sh

clean: ## remove the tools, links and outputs from this checkout (the cache is kept; see tests.lab clean)
	@rm -rf .venv collections .ansible .cache .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache docs/build tests/output
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
