# SPDX-License-Identifier: GPL-2.0-or-later
deps:
	packages/install.sh build
check:
	tests/check.sh
# The loops that `make check` bounds, whole: hours.
check-faults: all unit
	FAULT_EVERY=1 CHECK_PATIENCE=20 CHECK_ONLY="unit guest worker runner fault" \
	  tests/check.sh
demo:
	tests/lab/demo.sh
unit: $(UNIT_TESTS)
# What a reload costs, for 100 MB, 1 GB and 4 GB: 20 minutes and 41 GB of /tmp.
bench-database: all
	tests/bench/database.sh $(SIZES)
# A build on a virtual machine against checkout and pg_restore by hand.
bench-guest: all
	tests/bench/guest.sh $(SIZE)

# A second compiler reads the sources, in the bundles that the first compiles.
# clang 14 has no std::views over libstdc++ 12; it must read the rest.
clang_flags = -std=c++20 -Wall -Wextra -Wshadow $(WERROR) -Isrc -iquote . \
  $(paths) $(cflags_web) $(cflags_watch) $(cflags_worker)
clang = clang++ -fsyntax-only $(clang_flags)
clang_read = $(foreach d,$(DIRS),$(obj_$(d):.o=.cpp)) $(MAINS)
clang: $(addprefix clang/,$(clang_read))
clang/%: %
	@$(clang) $<

# Reads every header, source and test alone, to prove that each names what it
# needs; in a bundle nothing would notice. By hand, when includes have moved: it
# would make `make check` minutes longer.
read_alone = $(CXX) -fsyntax-only -std=c++20 $(CPPFLAGS) $(WARN) -Isrc \
  -Itests/unit $(paths) -DBOOST_TEST_DYN_LINK $(cflags_web) $(cflags_watch) \
  $(cflags_worker)
includes: $(addprefix read/,$(wildcard $(foreach d,src tests/unit,\
  $(d)/*.[ch]pp $(d)/*/*.[ch]pp $(d)/*/*/*.[ch]pp)))
read/%:
	@$(read_alone) $(if $(filter %.hpp,$*),-include $* -x c++ /dev/null,$*)
.PHONY: deps check check-faults demo unit bench-database \
  bench-guest clang includes
