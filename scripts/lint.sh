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
step "compose file" "$bin/yamllint" --strict --config-file deploy/yamllint.yaml deploy
step "container file" "$bin/hadolint" deploy/Containerfile
if command -v systemd-analyze >/dev/null; then
    step "units" sh scripts/lint_units.sh
fi
if command -v nginx >/dev/null && command -v openssl >/dev/null; then
    step "nginx" sh scripts/lint_nginx.sh
fi
# Models and files are compared; no database is asked, and that it cannot be says nothing here.
step "migrations" "$bin/python" -W "ignore:Got an error checking" manage.py makemigrations --check --dry-run
