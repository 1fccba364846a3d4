# SPDX-License-Identifier: GPL-2.0-or-later
# make install: copies files below DESTDIR and does nothing else. It creates
# no user, changes no owner, enables and reloads nothing, so that it can run
# as anybody into a staging folder; at the end it prints the commands that do
# the rest. A configuration that is there stays as it is: berth.conf and the
# Apache files are installed only where there is none, and always as examples
# in the documentation's folder. A folder given to make (prefix=...) moves the
# files only; the programs go on looking where ./configure was told.
#
# make uninstall removes what install put there but the configuration, and
# leaves spool, history and logs.

confdir = $(sysconfdir)/berth
# Included by the console's site alone: a file in conf-available would mount the
# console in every site of Apache as soon as it is enabled.
apachedir = $(sysconfdir)/berth/apache
sitesdir = $(sysconfdir)/apache2/sites-available
sharedir = $(datadir)/berth
progdir = $(libexecdir)/berth
sysusersdir = $(prefix)/lib/sysusers.d
tmpfilesdir = $(prefix)/lib/tmpfiles.d
INSTALL = install
# -s of install(1) with install-strip: programs without their symbols.
STRIP =

MAN_PAGES = $(wildcard man/*.[1-8])
UNITS = berthd.service berth-web.service berth-web.socket \
  berth-refresh@.service berth-refresh@.timer
GUEST_PROGRAMS = sbin/guest/berth-guest sbin/guest/berth-enroll
GUEST_FILES = $(wildcard sbin/guest/*.example)
GUEST_PARTS = $(wildcard sbin/guest/berth-guest.d/*)
APACHE_FILES = berth.conf berth-proxy.conf berth-common.conf
# In the tree's own folders, so that their links hold.
DOCS = README CHANGELOG SECURITY LICENSE $(wildcard docs/*.md docs/*.png)

# $(call copy,MODE,SOURCE,TARGET): one file, its folders made.
copy = $(INSTALL) -D -m $(1) $(2) "$(DESTDIR)$(3)"
# The same with the @names@ of configure filled in.
fill = $(substitute) $(2) | $(INSTALL) -D -m $(1) /dev/stdin "$(DESTDIR)$(3)"
# Only where there is none; says so otherwise.
keep = if [ -e "$(DESTDIR)$(3)" ]; then echo "kept $(DESTDIR)$(3)"; \
  else $(call copy,$(1),$(2),$(3)); fi
# A folder with everything in it, 0644 and 0755.
tree = cd $(1) && find . -type f ! -name '.*' -exec \
  sh -c 'for f; do $(INSTALL) -D -m 0644 "$$f" "$$0/$$f"; done' \
  "$(DESTDIR)$(2)" {} +

install: all install-programs install-data install-docs install-system \
  install-conf
	@echo
	@echo "Installed. What is left to do, as root, in this order:"
	@echo "  systemd-sysusers $(sysusersdir)/berth.conf"
	@echo "  systemd-tmpfiles --create $(tmpfilesdir)/berth.conf"
	@echo "  editor $(confdir)/berth.conf && $(sbindir)/berthctl check"
	@echo "  systemctl daemon-reload && systemctl enable --now berthd"
	@echo "  editor $(sitesdir)/berth.conf"
	@echo "  a2enmod fcgid headers && a2ensite berth &&" \
	  "systemctl restart apache2"
	@echo "docs/install.md has the rest: logins, the database role, a guest."

install-strip:
	@$(MAKE) install STRIP=-s

install-programs: all
	@$(call fill,0755,sbin/berth,$(bindir)/berth)
	@$(call fill,0755,contrib/puppet/berth-enc,$(sbindir)/berth-enc)
	@$(call copy,0755 $(STRIP),$(BIN)/berthd,$(sbindir)/berthd)
	@$(call copy,0755 $(STRIP),$(BIN)/berthctl,$(sbindir)/berthctl)
	@$(call copy,0755 $(STRIP),$(BIN)/berth.fcgi,$(progdir)/berth.fcgi)
	@$(call copy,0755 $(STRIP),$(BIN)/berth-worker,$(progdir)/berth-worker)
	@$(call copy,0755 $(STRIP),$(BIN)/berth-hypervisor,$(progdir)/berth-hypervisor)
	@$(call copy,0755 $(STRIP),$(BIN)/berth-watch,$(progdir)/berth-watch)

install-data:
	@$(call tree,htdocs,$(sharedir)/htdocs)
	@$(call tree,templates,$(sharedir)/templates)
	@set -e; for f in $(GUEST_PROGRAMS); do \
	  $(call copy,0755,$$f,$(sharedir)/guest/$${f##*/}); done
	@set -e; for f in $(GUEST_PARTS); do \
	  $(call copy,0644,$$f,$(sharedir)/guest/berth-guest.d/$${f##*/}); done
	@set -e; for f in $(GUEST_FILES); do \
	  $(call copy,0644,$$f,$(sharedir)/guest/$${f##*/}); done

install-docs: files
	@set -e; for f in $(DOCS); do \
	  $(call copy,0644,$$f,$(docdir)/$$f); done
	@$(call copy,0644,etc/berth.conf.example,$(docdir)/berth.conf.example)
	@$(call copy,0644,contrib/puppet/test-server.pp,$(docdir)/test-server.pp)
	@set -e; for f in $(APACHE_FILES) site.conf; do \
	  $(call copy,0644,build/apache/$$f,$(docdir)/apache/$$f); done
	@set -e; for f in $(MAN_PAGES); do \
	  $(call fill,0644,$$f,$(mandir)/man$${f##*.}/$${f##*/}); done

install-system: files
	@set -e; for f in $(UNITS); do \
	  $(call copy,0644,build/systemd/$$f,$(unitdir)/$$f); done
	@$(call copy,0644,build/systemd/sysusers.conf,$(sysusersdir)/berth.conf)
	@$(call copy,0644,build/systemd/tmpfiles.conf,$(tmpfilesdir)/berth.conf)

install-conf: files
	@$(call keep,0644,etc/berth.conf.example,$(confdir)/berth.conf)
	@set -e; for f in $(APACHE_FILES); do \
	  $(call keep,0644,build/apache/$$f,$(apachedir)/$$f); done
	@$(call keep,0644,build/apache/site.conf,$(sitesdir)/berth.conf)

uninstall:
	@rm -f $(addprefix '$(DESTDIR)$(sbindir)'/,berthd berthctl berth-enc) \
	  '$(DESTDIR)$(bindir)/berth' \
	  $(addprefix '$(DESTDIR)$(unitdir)'/,$(UNITS)) \
	  '$(DESTDIR)$(sysusersdir)/berth.conf' \
	  '$(DESTDIR)$(tmpfilesdir)/berth.conf' \
	  $(foreach page,$(notdir $(MAN_PAGES)),\
	    '$(DESTDIR)$(mandir)/man$(patsubst .%,%,$(suffix $(page)))/$(page)')
	@rm -rf '$(DESTDIR)$(progdir)' '$(DESTDIR)$(sharedir)' \
	  '$(DESTDIR)$(docdir)'
	@echo "Kept: $(confdir), $(sitesdir)/berth.conf," \
	  "$(localstatedir)/{spool,lib,log}/berth."

.PHONY: install install-strip install-programs install-data install-docs \
  install-system install-conf uninstall
