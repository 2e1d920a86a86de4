#!/bin/sh
# Installs what some slow tests speak to, as root on Debian and its like. Elsewhere, or without a network, it does
# nothing: those tests are skipped then, and say so. It never fails.
[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || exit 0

wanted=""
Rscript -e 'library(survey)' >/dev/null 2>&1 || wanted="$wanted r-cran-survey"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || wanted="$wanted postgresql"
[ -n "$wanted" ] || exit 0

export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # one word each
if ! { timeout 300 apt-get update && timeout 900 apt-get install --yes --no-install-recommends $wanted; } >/dev/null 2>&1; then
    echo "not installed:$wanted" >&2
fi
exit 0
