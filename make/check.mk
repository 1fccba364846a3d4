# SPDX-License-Identifier: GPL-2.0-or-later
deps:
	packages/install.sh build
check:
	tests/check.sh
demo:
	tests/lab/demo.sh
unit: $(UNIT_TESTS)
.PHONY: deps check demo unit
