# SPDX-License-Identifier: GPL-2.0-or-later
# The sources with sanitizers in them, in folders of their own:
#
#   make fuzz             libFuzzer on what others write: tests/fuzz/NAME.cpp, one
#                         after another, FUZZ_SECONDS (600) each, or those in
#                         FUZZ_ONLY. A finding is kept in build/fuzz/found/NAME
#                         and fails.
#   make check-sanitize   the unit tests under ASan and UBSan
#
# Both compile the bundles that build.mk has written.

SANITIZE = -g -O1 -fno-omit-frame-pointer -fsanitize=address,undefined \
  -fno-sanitize-recover=undefined
fuzz_cxx = clang++ $(SANITIZE) -fsanitize=fuzzer-no-link
sanitize_cxx = $(CXX) $(SANITIZE)

# $(call instrumented,DIRECTORY,FOLDER): that directory's library, in FOLDER.
define instrumented
build/$(2)/obj/$(1)/%.o: build/obj/$(1)/%.cpp config.mk
	@mkdir -p $$(@D)
	@echo "  CXX $(2) $$<"
	@$$($(2)_cxx) -std=c++20 $$(CPPFLAGS) $$(flags_$(1)) -Isrc -iquote . \
	  -MMD -MP -ffunction-sections -fdata-sections -w -c -o $$@ $$<
build/$(2)/lib/libberth-$(1).a: $(obj_$(1):build/obj/%=build/$(2)/obj/%)
	@mkdir -p $$(@D)
	@rm -f $$@
	@ar rcs $$@ $$^
-include $(patsubst build/obj/%.o,build/$(2)/obj/%.d,$(obj_$(1)))
endef

# What a harness may use: all rooms that read anything.
fuzz_dirs = worker hypervisor web watch step store model base
fuzz_cflags = -Itests -Itests/unit $(foreach d,$(fuzz_dirs),$(cflags_$(d)))
fuzz_ldlibs = $(foreach d,$(fuzz_dirs),$(ldlibs_$(d))) $(LIBS_BASE)

# All harnesses over their corpora, in the normal build.
fuzz_bundles := $(call bundles,$(wildcard tests/fuzz/*.cpp))
fuzz_obj := $(call objects,$(fuzz_bundles))
$(call compiled,$(fuzz_bundles),$(tests) $(fuzz_cflags))
build/tests/unit-fuzz: $(fuzz_obj) build/obj/unit/main.o \
  $(fuzz_dirs:%=build/lib/libberth-%.a)
	@mkdir -p $(@D)
	@echo "  LINK $@"
	@$(link) -o $@ $^ $(fuzz_ldlibs) -lboost_unit_test_framework
-include $(fuzz_obj:.o=.d)
UNIT_TESTS += build/tests/unit-fuzz

# One program of libFuzzer's for each.
fuzz_names = $(patsubst tests/fuzz/%.cpp,%,$(filter-out %_test.cpp,\
  $(wildcard tests/fuzz/*.cpp)))
fuzz_libs = $(fuzz_dirs:%=build/fuzz/lib/libberth-%.a)
$(foreach d,$(fuzz_dirs),$(eval $(call instrumented,$(d),fuzz)))
build/fuzz/bin/%: tests/fuzz/%.cpp $(fuzz_libs)
	@mkdir -p $(@D) build/fuzz/obj
	@echo "  CXX fuzz $<"
	@$(fuzz_cxx) -std=c++20 $(CPPFLAGS) -Isrc $(fuzz_cflags) -DBERTH_FUZZER \
	  -MMD -MP -MF build/fuzz/obj/$*.d -c -o build/fuzz/obj/$*.o $<
	@clang++ $(SANITIZE) -fsanitize=fuzzer -Wl,--gc-sections -o $@ \
	  build/fuzz/obj/$*.o $(fuzz_libs) $(fuzz_ldlibs)
-include $(wildcard build/fuzz/obj/*.d)
FUZZ_ONLY ?= $(fuzz_names)
fuzz: $(FUZZ_ONLY:%=build/fuzz/bin/%)
	tests/fuzz/run.sh $(or $(FUZZ_SECONDS),600) $(FUZZ_ONLY)

# The unit tests, as build.mk compiles and links them, but for the flags.
# $(call sanitized,OBJECTS): what their .o is called there.
sanitized = $(patsubst build/obj/%,build/sanitize/obj/%,$(1))
sanitize_tests = $(patsubst build/tests/unit-%,%,$(UNIT_TESTS))
sanitize_libs = $(fuzz_dirs:%=build/sanitize/lib/libberth-%.a)
$(foreach d,$(DIRS),$(eval $(call instrumented,$(d),sanitize)))
define sanitized_test
build/sanitize/obj/$(2)/%.o: build/obj/$(2)/%.cpp config.mk
	@mkdir -p $$(@D)
	@echo "  CXX sanitize $$<"
	@$$(sanitize_cxx) -std=c++20 $$(CPPFLAGS) -DBOOST_TEST_DYN_LINK \
	  -DBERTH_TESTS -Isrc -Itests/unit $$(fuzz_cflags) -iquote . \
	  -MMD -MP -w -c -o $$@ $$<
build/sanitize/unit-$(1): $(call sanitized,$(3)) \
  build/sanitize/obj/unit/main.o $(4:build/lib/%=build/sanitize/lib/%)
	@echo "  LINK $$@"
	@$$(sanitize_cxx) -Wl,--gc-sections -o $$@ $$^ $$(fuzz_ldlibs) \
	  -lboost_unit_test_framework
-include $(patsubst %.o,%.d,$(call sanitized,$(3)))
endef
$(foreach d,$(filter-out fuzz,$(sanitize_tests)),$(eval \
  $(call sanitized_test,$(d),unit/$(d),$(test_obj_$(d)),$(libs_$(d)))))
$(eval $(call sanitized_test,fuzz,fuzz,$(fuzz_obj),\
  $(fuzz_dirs:%=build/lib/libberth-%.a)))
build/sanitize/obj/unit/main.o: tests/unit/main.cpp
	@mkdir -p $(@D)
	@$(sanitize_cxx) -std=c++20 -DBOOST_TEST_DYN_LINK -c -o $@ $<
check-sanitize: $(sanitize_tests:%=build/sanitize/unit-%)
	tests/fuzz/sanitize.sh $(sanitize_tests)
.PHONY: fuzz check-sanitize
