#!/bin/sh
# Every check that needs no test: style, format, types, import rules, templates, missing migrations.
set -eu
cd "$(dirname "$0")/.."
bin=.venv/bin

step() {
    echo "lint: $1"
    shift
    "$@"
}

step "style" "$bin/ruff" check --quiet .
step "format" "$bin/ruff" format --quiet --check .
step "types" "$bin/mypy" .
step "import rules" "$bin/lint-imports" --no-cache
if [ -n "$(find templates ./*/templates -name '*.html' 2>/dev/null | head -n 1)" ]; then
    step "templates" "$bin/djlint" --lint --quiet templates ./*/templates
fi
step "migrations" "$bin/python" manage.py makemigrations --check --dry-run
