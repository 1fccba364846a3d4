#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# sanitize.sh NAME...: runs those unit tests as `make check-sanitize` builds them.
# Exit 1 when a test fails or a sanitizer finds something.
set -u
cd "$(dirname "$0")/../.." || exit 1
# Children are stopped by signals and end without a leak check of their own.
# Some tests measure memory: little that was freed is held back; one bounds it,
# and wants what does not fit to fail, as malloc does.
ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1:quarantine_size_mb=4
export ASAN_OPTIONS=$ASAN_OPTIONS:allocator_may_return_null=1
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
failed=0
for name; do
  if build/sanitize/unit-"$name" --log_level=error --color_output=no \
    >build/sanitize/"$name".log 2>&1; then
    echo "unit-$name: $(sed -n 's/^Running //p' build/sanitize/"$name".log)" \
      "without a finding"
  else
    failed=1
    echo "unit-$name failed, see build/sanitize/$name.log:"
    grep -m 20 -E ': error: |fatal error|ERROR:|runtime error|SUMMARY' \
      build/sanitize/"$name".log
  fi
done
exit $failed
