# SPDX-License-Identifier: GPL-2.0-or-later
deps:
	packages/install.sh build
check:
	tests/check.sh
# The loops that `make check` bounds, whole: hours.
check-faults: all unit
	FAULT_EVERY=1 CHECK_PATIENCE=20 CHECK_ONLY="unit guest worker fault" \
	  tests/check.sh
demo:
	tests/lab/demo.sh
unit: $(UNIT_TESTS)
# What a reload costs, for 100 MB, 1 GB and 4 GB: half an hour and 40 GB of /tmp.
bench-database: all
	tests/bench/database.sh $(SIZES)

# A second compiler reads the sources. clang 14 has no std::views over libstdc++
# 12; it must read the rest. With often.hpp compiled ahead as g++ has it, which
# takes two thirds of the work away.
clang_flags = -std=c++20 -Wall -Wextra -Wshadow $(WERROR) -Isrc $(paths) \
  $(cflags_web) $(cflags_watch) $(cflags_worker)
clang:
	@mkdir -p build/pch
	@clang++ $(clang_flags) -fpch-instantiate-templates -x c++-header \
	  -o build/pch/clang.pch make/often.hpp
	@printf '%s\n' $(wildcard src/*/*.cpp) | xargs -P "$$(nproc)" -n 8 \
	  clang++ -fsyntax-only $(clang_flags) -include-pch build/pch/clang.pch

# Reads every header, source and test alone, without often.hpp, to prove that
# each names what it needs. By hand, when includes have moved: it would make
# `make check` minutes longer.
read_alone = $(CXX) -fsyntax-only -std=c++20 $(CPPFLAGS) $(WARN) -Isrc \
  -Itests/unit $(paths) -DBOOST_TEST_DYN_LINK $(cflags_web) $(cflags_watch) \
  $(cflags_worker)
includes: $(addprefix read/,$(wildcard src/*/*.[ch]pp tests/unit/*.[ch]pp \
  tests/unit/*/*.[ch]pp))
read/%:
	@$(read_alone) $(if $(filter %.hpp,$*),-include $* -x c++ /dev/null,$*)
.PHONY: deps check check-faults demo unit bench-database clang includes
