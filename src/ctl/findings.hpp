// SPDX-License-Identifier: GPL-2.0-or-later
// What `berthctl check` finds beyond berth.conf itself: templates, secrets,
// ssh_config, known_hosts and the folders of [paths] - is each there, whose
// is it, who may read or change it - and what a refresh works with: scripts,
// the dump, room for spares. Reads only; changes and creates nothing.
//
// A problem makes something fail or lets somebody read or change what is not
// theirs; a note is worth knowing.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/config.hpp"

namespace berth::ctl {

struct Finding {
  bool problem = true;
  std::string text;  // "PATH: what is wrong; what to do"
};
using Findings = std::vector<Finding>;

// Who the files must belong to. `runner_group` is nullopt on a machine that
// has no such group (told once).
struct Owners {
  uid_t admin = 0;
  std::optional<gid_t> runner_group;
};
// root, and the group `berth` of this machine.
Owners usual_owners();

Findings check_files(const Config& config, const Owners& owners);

// The second part, in findings_data.cpp: scrub/ and claim/ as a worker will
// refuse them, an application whose data nobody scrubs, spares for which there
// is no room. `check_files` calls it.
Findings check_data(const Config& config, const Owners& owners);

// The third part, in findings_logins.cpp: logins of Apache's password file that
// are one user to Berth. `check_files` calls it.
Findings check_logins(const Config& config);

// The fourth part, in findings_apache.cpp: Apache's files of an older version,
// which mounted the console in every site and did not report the port of the
// one that answers; FcgidAuthorizer; modules that must be off or on.
// `check_files` calls it.
Findings check_apache(const Config& config);

// The fifth part, in findings_roles.cpp: roles of a cluster that two
// applications name, and what a refresh of one that berth.conf no longer names
// left in the cache. `check_files` calls it.
Findings check_roles(const Config& config);

// The NAMEs of {{secret.NAME:...}} in a template's text, each once, sorted.
std::vector<std::string> secrets_named(const std::string& text);

}  // namespace berth::ctl
