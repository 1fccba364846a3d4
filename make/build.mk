# SPDX-License-Identifier: GPL-2.0-or-later
# Compiles src/DIR/*.cpp and src/DIR/ROOM/*.cpp into build/lib/libberth-DIR.a and
# links one program per directory that has a main.cpp. A new source file or room
# needs no line here.

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
  -DBERTH_DATADIR='"$(datadir)/berth"' \
  -DBERTH_LIBEXECDIR='"$(libexecdir)/berth"' \
  -DBERTH_WEB_USER='"$(web_user)"'

# Debian's hardening, for every program and whatever CXXFLAGS and LDFLAGS are
# given: those come later, so that one flag of it can be taken back.
# `make HARDENING=` builds without it (a sanitizer replaces it). The compiler
# must optimize for FORTIFY and warns otherwise, so that -O0 builds without it.
HARDENING ?= yes
ifneq ($(HARDENING),)
optimizes = $(filter-out -O0,$(lastword $(filter -O%,$(CXXFLAGS))))
fortify = $(if $(optimizes),$(if $(findstring _FORTIFY_SOURCE,$(CPPFLAGS) \
  $(CXXFLAGS)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2))
branches := $(if $(findstring 86,$(shell $(CXX) -dumpmachine)),-fcf-protection)
hard_compile = -fPIE -fstack-protector-strong -fstack-clash-protection \
  $(branches) $(fortify)
hard_link = -pie -Wl,-z,relro,-z,now
endif

# No path of this machine in what a debugger reads.
relative = $(if $(filter -g%,$(CXXFLAGS)),-ffile-prefix-map=$(CURDIR)=.)
compile = $(CXX) -std=c++20 $(hard_compile) $(CPPFLAGS) $(CXXFLAGS) $(relative) \
  $(WARN) -Isrc $(cflags) -MMD -MP

link = $(CXX) $(hard_link) $(LDFLAGS) -Wl,--gc-sections

# Tests are built once and run once: not worth an optimizer's time.
tests = -O0 -U_FORTIFY_SOURCE -DBOOST_TEST_DYN_LINK -DBERTH_TESTS -Itests/unit

# A unity build: twenty sources of a folder are compiled as one, because most of
# a compiler's time goes into the headers that they share. So a name in an
# anonymous namespace is unique in its folder, and that such a name is in a
# file that another one includes is no mistake. A program is linked with the
# sections that it uses, so that berth-worker does not load libvirt.
#
# `make UNITY=no` compiles each source alone: the whole takes three times as long,
# and a change to one file the time of one file.
UNITY ?= yes
hash := \#
empty =
space = $(empty) $(empty)
# $(call bundles,FILES): words of up to twenty files, with colons between them.
ifeq ($(UNITY),no)
bundles = $(1)
else
bundles = $(if $(1),$(subst $(space),:,$(wordlist 1,20,$(1))) \
  $(call bundles,$(wordlist 21,$(words $(1)),$(1))))
endif
# $(call objects,BUNDLES): each has its first file's name.
objects = $(foreach b,$(1),$(patsubst tests/%.cpp,build/obj/%.o,\
  $(patsubst src/%.cpp,build/obj/%.o,$(firstword $(subst :, ,$(b))))))

DIRS = base model store step web watch runner hypervisor worker ctl
BIN = build/bin
LIBS_BASE = -lboost_json
deps_base =
deps_model = base
deps_store = model base
deps_web = store model base
deps_watch = store model base
deps_runner = store model base
deps_step = store model base
deps_hypervisor = step store model base
deps_worker = step store model base
deps_ctl = store model base
ldlibs_web = $(FCGI_LIBS) $(CGICC_LIBS)
ldlibs_watch = $(LIBVIRT_LIBS) $(PUGIXML_LIBS)
ldlibs_hypervisor = $(LIBVIRT_LIBS) $(PUGIXML_LIBS)
ldlibs_worker = $(PQ_LIBS) $(CTEMPLATE_LIBS) $(PUGIXML_LIBS)
test_ldlibs_base = $(PUGIXML_LIBS)
test_ldlibs_store = $(PUGIXML_LIBS)
cflags_base = $(PUGIXML_CFLAGS)
cflags_store = $(PUGIXML_CFLAGS)
cflags_web = $(FCGI_CFLAGS) $(CGICC_CFLAGS)
cflags_watch = $(LIBVIRT_CFLAGS) $(PUGIXML_CFLAGS)
cflags_hypervisor = $(LIBVIRT_CFLAGS) $(PUGIXML_CFLAGS)
cflags_worker = $(PQ_CFLAGS) $(CTEMPLATE_CFLAGS) $(PUGIXML_CFLAGS)
program_web = berth.fcgi
program_watch = berth-watch
program_runner = berthd
program_hypervisor = berth-hypervisor
program_worker = berth-worker
program_ctl = berthctl
PROGRAMS = $(foreach d,$(DIRS),$(if $(wildcard src/$(d)/main.cpp),\
  $(addprefix $(BIN)/,$(program_$(d)))))
# The files that have a main().
MAINS = $(wildcard src/*/main.cpp)

all: $(PROGRAMS) files

# $(call written,FILE,TEXT): writes it when that is not what it holds. While make
# reads this, as 30 recipes that find nothing to do would cost a second.
written = $(if $(findstring <$(strip $(2))>,<$(strip $(file <$(1)))>),,\
  $(shell mkdir -p $(dir $(1)))$(file >$(1),$(2)))
define newline


endef
# What all of it is compiled with: other flags are another build, so that no
# program is linked from objects of both. The same tree mounted elsewhere is not.
flags = $(subst ','\'',$(strip $(filter-out $(relative),$(compile)) $(link)))
build/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(flags)' | cmp -s - $@ || echo '$(flags)' >$@
FORCE:
# $(1) = object, $(2) = its files, $(3) = flags
define bundle
$(1): $(1:.o=.cpp) $(2) config.mk build/flags
	@echo "  CXX $(2)"
	@$$(compile) $(3) -Wno-subobject-linkage \
	  -ffunction-sections -fdata-sections -iquote . -c -o $$@ $$<
endef
# $(call compiled,BUNDLES,FLAGS)
compiled = $(foreach b,$(1),$(call written,$(patsubst %.o,%.cpp,\
  $(call objects,$(b))),$(foreach f,$(subst :, ,$(b)),$(hash)include "$(f)"\
  $(newline)))$(eval $(call bundle,$(call objects,$(b)),\
  $(subst :, ,$(b)),$(2))))

# $(1) = directory: its objects, its library, its program, its unit tests
define rules
rooms_$(1) := $$(sort $$(dir $$(wildcard src/$(1)/*.cpp src/$(1)/*/*.cpp)))
bundles_$(1) := $$(foreach r,$$(rooms_$(1)),\
  $$(call bundles,$$(filter-out $(MAINS),$$(wildcard $$(r)*.cpp))))
obj_$(1) := $$(call objects,$$(bundles_$(1)))
flags_$(1) := $$(cflags_$(1)) $$(if $$(filter base runner,$(1)),$$(paths))
$$(call compiled,$$(bundles_$(1)),$$(flags_$(1)))
$$(call compiled,$$(filter src/$(1)/%,$(MAINS)),$$(flags_$(1)))
libs_$(1) := $$(foreach d,$(1) $$(deps_$(1)),build/lib/libberth-$$(d).a)
build/lib/libberth-$(1).a: $$(obj_$(1))
	@mkdir -p $$(@D)
	@rm -f $$@
	@ar rcs $$@ $$(obj_$(1))
$(BIN)/$(or $(program_$(1)),no-program-$(1)): build/obj/$(1)/main.o $$(libs_$(1))
	@mkdir -p $$(@D)
	@echo "  LINK $$@"
	@$(link) -o $$@ $$< $$(libs_$(1)) $$(ldlibs_$(1)) $(LIBS_BASE)
test_bundles_$(1) := $$(call bundles,$$(wildcard \
  tests/unit/$(1)/*.cpp tests/unit/$(1)/*/*.cpp))
test_obj_$(1) := $$(call objects,$$(test_bundles_$(1)))
$$(call compiled,$$(test_bundles_$(1)),$(tests) $$(cflags_$(1)))
build/tests/unit-$(1): $$(test_obj_$(1)) build/obj/unit/main.o $$(libs_$(1))
	@mkdir -p $$(@D)
	@echo "  LINK $$@"
	@$(link) -o $$@ $$(test_obj_$(1)) build/obj/unit/main.o \
	  $$(libs_$(1)) $$(ldlibs_$(1)) $$(test_ldlibs_$(1)) $(LIBS_BASE) \
	  -lboost_unit_test_framework
-include $$(obj_$(1):.o=.d) build/obj/$(1)/main.d $$(test_obj_$(1):.o=.d)
UNIT_TESTS += $$(if $$(test_bundles_$(1)),build/tests/unit-$(1))
endef
$(foreach d,$(DIRS),$(eval $(call rules,$(d))))

build/obj/unit/main.o: tests/unit/main.cpp config.mk build/flags
	@mkdir -p $(@D)
	@$(compile) -DBOOST_TEST_DYN_LINK -c -o $@ $<

# Files with @names@ in them: the Apache conf, units, sysusers, tmpfiles.
substitute = sed -e 's|@sysconfdir@|$(sysconfdir)|g' \
  -e 's|@localstatedir@|$(localstatedir)|g' \
  -e 's|@runstatedir@|$(runstatedir)|g' \
  -e 's|@libexecdir@|$(libexecdir)|g' -e 's|@sbindir@|$(sbindir)|g' \
  -e 's|@bindir@|$(bindir)|g' -e 's|@datadir@|$(datadir)|g' \
  -e 's|@jsdir@|$(jsdir)|g' -e 's|@web_user@|$(web_user)|g' \
  -e 's|@web_group@|$(web_group)|g' -e 's|@apache_user@|$(apache_user)|g' \
  -e 's|@prefix@|$(prefix)|g' \
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
	rm -rf build/bin build/lib build/tests build/apache build/systemd
	[ ! -d build/obj ] || find build/obj -name '*.[od]' -delete
distclean: clean
	rm -rf build config.mk config.log config.status configure autom4te.cache
.PHONY: all files clean distclean FORCE
