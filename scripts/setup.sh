#!/bin/sh
# Makes .venv with the locked dependencies; done in an instant when nothing changed.
set -eu
cd "$(dirname "$0")/.."
LOCK=requirements/dev.txt
STAMP=.venv/.installed

# Prints the first Python that is new enough: on PATH, or among pyenv's versions.
find_python() {
    for candidate in "${PYTHON3:-python3}" python3.13 python3.12 python3.11 python3.14 python \
        "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[1-9]*/bin/python; do
        if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    echo "Python 3.11 or newer (with venv) was not found; install it, or name it: make PYTHON3=/path/to/python3." >&2
    return 1
}

fingerprint() {
    { cat "$LOCK"; pwd; } | cksum
}

# Installs what the lock names; on a terminal it counts the packages, else only errors are shown.
install() {
    total=$(grep -c '^[a-z0-9].*==' "$LOCK")
    terminal=0
    if [ -t 1 ]; then terminal=1; fi
    { .venv/bin/python -m pip install --progress-bar off --disable-pip-version-check --require-hashes -r "$LOCK" 2>&1 ||
        echo "exit: failed"; } | awk -v total="$total" -v terminal="$terminal" '
        /^exit: failed$/ { failed = 1 }
        /^ *ERROR/ { print > "/dev/stderr" }
        /^Collecting / { count++; if (terminal) { printf "\r  %d of %d packages", count, total; fflush() } }
        /^Installing collected/ { if (terminal) { printf "\r  Putting %d packages in place …", count; fflush() } }
        END { if (terminal && count) print ""; exit failed }'
}

if [ -x .venv/bin/python ] && [ "$(cat "$STAMP" 2>/dev/null)" = "$(fingerprint)" ] && .venv/bin/python -c '' 2>/dev/null; then
    exit 0
fi
python=$(find_python)
echo "Setting up .venv with $("$python" --version) (once, about half a minute) …"
if ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    "$python" -m venv --clear .venv
fi
if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    .venv/bin/python -m ensurepip --upgrade >/dev/null
fi
install || {
    echo "The dependencies could not be installed; check the network and run the command again." >&2
    exit 1
}
# Compiled once here, every command starts in half the time, also where Python is told not to write bytecode.
.venv/bin/python -m compileall -q -j 0 .venv/lib >/dev/null || true
fingerprint >"$STAMP"
echo "Set up."
