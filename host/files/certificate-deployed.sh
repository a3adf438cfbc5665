#!/bin/sh
# certbot runs this after each renewal: nginx reads certificates only when it reloads.
set -eu
nginx -t -q
systemctl reload nginx
