#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# prepare.sh THING...: makes what the tests need and what is kept when they end,
# if it is not there already: some of it takes minutes. `make check` does so
# before the first suite begins.
#
#   image          the guests' disk                     build/guest-image
#   repositories   the demo's, whole and light          build/lab-cache
#   modules        what drives the browser              tests/page/node_modules
#   postgres18     a second PostgreSQL                  build/postgres18
set -eu
cd "$(dirname "$0")/.."
for thing; do
  case $thing in
    image) tests/lab-qemu/image.sh ;;
    repositories)
      tests/lab/cache.sh
      tests/lab/cache.sh light
      ;;
    modules) tests/page/run.sh --modules ;;
    # 77: not for this machine, as its tests will say.
    postgres18) tests/lab/postgres18.sh fetch || [ $? = 77 ] ;;
    *)
      echo "prepare.sh: unknown thing '$thing'" >&2
      exit 64
      ;;
  esac
done
