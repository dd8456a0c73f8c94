# Interop: `make run` starts the portal, `make test` checks everything. Only Python 3.11+, git and make are needed.
PORT ?= 8000
STUDENTS ?= 30000
PYTHON = .venv/bin/python
export PYTHON3

.PHONY: help setup run test prove lint bench
help: ## what this file can do
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' Makefile

setup: ## install the locked dependencies into .venv
	@sh scripts/setup.sh

run: setup ## run the portal at http://127.0.0.1:$(PORT)
	@exec $(PYTHON) manage.py portal --port $(PORT)

lint: setup ## style, types, import rules, templates, migrations
	@sh scripts/lint.sh

test: lint ## lint, then the whole suite in small counts
	@$(PYTHON) -m pytest

prove: lint ## the same tests with the large counts
	@INTEROP_PROVE=1 $(PYTHON) -m pytest

bench: setup ## measure a synthetic district of STUDENTS=30000
	@$(PYTHON) -m bench.run --students $(STUDENTS)
