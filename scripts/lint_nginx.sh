#!/bin/sh
# Has nginx read its configuration, with a certificate made for the occasion and this machine as the portal.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=portal.example.org \
    -keyout "$folder/privkey.pem" -out "$folder/fullchain.pem" 2>/dev/null
sed -e "s#/etc/nginx/certificates#$folder#" -e "s#web:8000#127.0.0.1:8000#" -e "s#/run/nginx.pid#$folder/pid#" \
    deploy/nginx.conf >"$folder/nginx.conf"
if ! said=$(nginx -t -q -c "$folder/nginx.conf" 2>&1); then
    echo "$said" >&2
    exit 1
fi
