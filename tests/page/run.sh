#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs the tests of the page and prints TAP, every test at the top level, so
# that a script can count "ok", "not ok" and "ok ... # SKIP". Each file runs
# in a node of its own: node 18's `--test` would report one line a file, and
# a skipped journey would look like a pass.
#
#   tests/page/run.sh                all of it; the journey needs BERTH_URL,
#                                       BERTH_USER and BERTH_PASSWORD
#   tests/page/run.sh board job      only board.test.mjs and job.test.mjs
#   tests/page/run.sh --modules      installs what they need and runs none
set -u
cd "$(dirname "$0")" || exit 1

# npm writes its own lock file last, so an installation that was cut off is made
# again; two runs at the same time take turns.
(
  flock 9
  [ -f node_modules/.package-lock.json ] ||
    PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund >&2
) 9>.npm.lock || { echo "Bail out! npm ci failed"; exit 1; }
if [ "${1:-}" = --modules ]; then
  exit
elif [ $# -eq 0 ]; then
  set -- *.test.mjs
else
  set -- "${@/%/.test.mjs}"
fi
failed=0
for file; do
  echo "# $file"
  node --test-reporter=tap "$file" || failed=1
done
exit $failed
