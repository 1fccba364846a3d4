# SPDX-License-Identifier: GPL-2.0-or-later
# Compiles src/DIR/*.cpp into build/lib/libberth-DIR.a and links one program
# per directory that has a main.cpp. A new source file needs no line here.

# Warnings are errors; `make WERROR=` builds with a compiler that finds more.
WERROR ?= -Werror
WARN = -Wall -Wextra -Wconversion -Wshadow $(WERROR)

paths = -DBERTH_VERSION='"$(VERSION)"' \
  -DBERTH_SYSCONFDIR='"$(sysconfdir)/berth"' \
  -DBERTH_SPOOLDIR='"$(localstatedir)/spool/berth"' \
  -DBERTH_LIBDIR='"$(localstatedir)/lib/berth"' \
  -DBERTH_LOGDIR='"$(localstatedir)/log/berth"' \
  -DBERTH_RUNDIR='"$(runstatedir)/berth"' \
  -DBERTH_CACHEDIR='"$(localstatedir)/cache/berth"' \
  -DBERTH_LIBEXECDIR='"$(libexecdir)/berth"' \
  -DBERTH_WEB_USER='"$(web_user)"'

compile = $(CXX) -std=c++20 $(CPPFLAGS) $(CXXFLAGS) $(WARN) \
  -Isrc $(cflags) -MMD -MP

# often.hpp compiled ahead, once for the programs and once for the tests.
often = build/pch/programs/often.hpp
often_tests = build/pch/tests/often.hpp
# Tests are built once and run once: not worth an optimizer's time.
tests = -O0 -DBOOST_TEST_DYN_LINK -DBERTH_TESTS -Itests/unit
$(often).gch: make/often.hpp config.mk
	@mkdir -p $(@D)
	@cp $< $(often)
	@echo "  CXX $<"
	@$(compile) -x c++-header -o $@ $(often)
$(often_tests).gch: make/often.hpp config.mk
	@mkdir -p $(@D)
	@cp $< $(often_tests)
	@echo "  CXX $< (tests)"
	@$(compile) $(tests) -x c++-header -o $@ $(often_tests)

DIRS = base model store web watch runner worker ctl
BIN = build/bin
LIBS_BASE = -lboost_json
deps_base =
deps_model = base
deps_store = model base
deps_web = store model base
deps_watch = store model base
deps_runner = store model base
deps_worker = store model base
deps_ctl = store model base
ldlibs_web = $(FCGI_LIBS) $(CGICC_LIBS)
ldlibs_watch = $(LIBVIRT_LIBS)
ldlibs_worker = $(PQ_LIBS) $(CTEMPLATE_LIBS)
cflags_web = $(FCGI_CFLAGS) $(CGICC_CFLAGS)
cflags_watch = $(LIBVIRT_CFLAGS)
cflags_worker = $(PQ_CFLAGS) $(CTEMPLATE_CFLAGS)
program_web = berth.fcgi
program_watch = berth-watch
program_runner = berthd
program_worker = berth-worker
program_ctl = berthctl
PROGRAMS = $(foreach d,$(DIRS),$(if $(wildcard src/$(d)/main.cpp),\
  $(addprefix $(BIN)/,$(program_$(d)))))

all: $(PROGRAMS) files

# $(1) = directory: its objects, its library, its program, its unit tests
define rules
src_$(1) := $$(filter-out src/$(1)/main.cpp,$$(wildcard src/$(1)/*.cpp))
obj_$(1) := $$(src_$(1):src/%.cpp=build/obj/%.o)
libs_$(1) := $$(foreach d,$(1) $$(deps_$(1)),build/lib/libberth-$$(d).a)
build/obj/$(1)/%.o: src/$(1)/%.cpp config.mk $(often).gch
	@mkdir -p $$(@D)
	@echo "  CXX $$<"
	@$$(compile) -include $(often) $$(cflags_$(1)) \
	  $$(if $$(filter base runner,$(1)),$$(paths)) \
	  -c -o $$@ $$<
build/lib/libberth-$(1).a: $$(obj_$(1))
	@mkdir -p $$(@D)
	@rm -f $$@
	@ar rcs $$@ $$(obj_$(1))
$(BIN)/$(or $(program_$(1)),no-program-$(1)): build/obj/$(1)/main.o $$(libs_$(1))
	@mkdir -p $$(@D)
	@echo "  LINK $$@"
	@$(CXX) $(LDFLAGS) -o $$@ $$< $$(libs_$(1)) $$(ldlibs_$(1)) $(LIBS_BASE)
test_obj_$(1) := $$(patsubst tests/unit/%.cpp,build/obj/unit/%.o,\
  $$(wildcard tests/unit/$(1)/*.cpp))
build/obj/unit/$(1)/%.o: tests/unit/$(1)/%.cpp config.mk $(often_tests).gch
	@mkdir -p $$(@D)
	@echo "  CXX $$<"
	@$$(compile) $(tests) -include $(often_tests) $$(cflags_$(1)) \
	  -c -o $$@ $$<
build/tests/unit-$(1): $$(test_obj_$(1)) build/obj/unit/main.o $$(libs_$(1))
	@mkdir -p $$(@D)
	@echo "  LINK $$@"
	@$(CXX) $(LDFLAGS) -o $$@ $$(test_obj_$(1)) build/obj/unit/main.o \
	  $$(libs_$(1)) $$(ldlibs_$(1)) $(LIBS_BASE) -lboost_unit_test_framework
-include $$(obj_$(1):.o=.d) build/obj/$(1)/main.d $$(test_obj_$(1):.o=.d)
UNIT_TESTS += $$(if $$(wildcard tests/unit/$(1)/*.cpp),build/tests/unit-$(1))
endef
$(foreach d,$(DIRS),$(eval $(call rules,$(d))))

build/obj/unit/main.o: tests/unit/main.cpp config.mk
	@mkdir -p $(@D)
	@$(compile) -DBOOST_TEST_DYN_LINK -c -o $@ $<

# Files with @names@ in them: the Apache conf, units, sysusers, tmpfiles.
substitute = sed -e 's|@sysconfdir@|$(sysconfdir)|g' \
  -e 's|@localstatedir@|$(localstatedir)|g' \
  -e 's|@runstatedir@|$(runstatedir)|g' \
  -e 's|@libexecdir@|$(libexecdir)|g' -e 's|@sbindir@|$(sbindir)|g' \
  -e 's|@bindir@|$(bindir)|g' -e 's|@datadir@|$(datadir)|g' \
  -e 's|@jsdir@|$(jsdir)|g' -e 's|@web_user@|$(web_user)|g' \
  -e 's|@web_group@|$(web_group)|g' -e 's|@prefix@|$(prefix)|g' \
  -e 's|@exec_prefix@|$(exec_prefix)|g' \
  -e 's|@docdir@|$(docdir)|g' -e 's|@version@|$(VERSION)|g'
IN_FILES = $(wildcard apache/*.in systemd/*.in)
files: $(IN_FILES:%.in=build/%)
build/%: %.in config.mk
	@mkdir -p $(@D)
	@$(substitute) -e 's|$${prefix}|$(prefix)|g' \
	  -e 's|$${exec_prefix}|$(exec_prefix)|g' \
	  -e 's|$${datarootdir}|$(datarootdir)|g' $< > $@

clean:
	rm -rf build/bin build/lib build/obj build/tests build/apache build/systemd
distclean: clean
	rm -rf build config.mk config.log config.status configure autom4te.cache
.PHONY: all files clean distclean
