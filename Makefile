# Interop: `make run` starts the portal, `make test` checks everything. Only Python 3.11+, git and make are needed.
PORT ?= 8000
STUDENTS ?= 30000
PYTHON = .venv/bin/python
export PYTHON3
# Compiled code is kept, also where Python is told not to: the tests start it hundreds of times and rewrite their asserts.
export PYTHONDONTWRITEBYTECODE =

.PHONY: help setup peers run test prove lint bench
help: ## what this file can do
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' Makefile

setup: ## install the locked dependencies into .venv
	@sh scripts/setup.sh

peers: setup ## install what the tests of learning tools need from npm, where that can be had
	@sh scripts/peers.sh

run: setup ## run the portal at http://127.0.0.1:$(PORT)
	@exec $(PYTHON) manage.py portal --port $(PORT)

lint: setup ## style, types, import rules, templates, migrations
	@sh scripts/lint.sh

test: peers ## lint, and beside it the whole suite in small counts
	@$(PYTHON) scripts/test.py

prove: peers ## the same with the large counts
	@INTEROP_PROVE=1 $(PYTHON) scripts/test.py

bench: setup ## measure a synthetic district of STUDENTS=30000
	@$(PYTHON) -m bench.run --students $(STUDENTS)
