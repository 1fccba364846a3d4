# SPDX-License-Identifier: GPL-2.0-or-later
# Plain GNU make. `make` bootstraps configure when it has not run, builds into
# build/ and installs nothing. See CONTRIBUTING for deps and check,
# README for demo, docs/install.md for install.

SHELL = /bin/bash
.DELETE_ON_ERROR:
.SUFFIXES:
.DEFAULT_GOAL = all

ALONE = deps clean distclean check demo
ifeq ($(filter $(ALONE),$(or $(MAKECMDGOALS),all)),)
include config.mk
endif
-include make/local.mk

# autoreconf and configure, once, and again when what they are made from moves.
configure: configure.ac
	mkdir -p build/aux
	autoreconf -i
config.mk: config.mk.in configure
	./configure $(CONFIGURE_FLAGS)

include make/build.mk
include make/fuzz.mk
include make/check.mk
include make/install.mk
