#!/bin/sh
# Checks the systemd units; that /opt/interop is not on this machine does not count.
set -eu
said=$(systemd-analyze verify --man=no deploy/systemd/* 2>&1 | grep -v "is not executable" || true)
if [ -n "$said" ]; then
    echo "$said" >&2
    exit 1
fi
