// SPDX-License-Identifier: GPL-2.0-or-later
// What `berthctl check` checks besides berth.conf itself: whether templates,
// secrets, ssh_config, known_hosts and the folders of [paths] exist, who owns
// them, and who may read or change them; and the inputs of a refresh: scripts,
// the dump, room for spares. It only reads; it changes and creates nothing.
//
// A problem makes something fail, or lets somebody read or change what they
// must not; a note is worth knowing.
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

// The required owners of the files. `runner_group` is nullopt on a machine
// without that group (reported once).
struct Owners {
  uid_t admin = 0;
  std::optional<gid_t> runner_group;
};
// root, and this machine's group `berth`.
Owners usual_owners();

Findings check_files(const Config& config, const Owners& owners);

// The second part, in findings_data.cpp: files in scrub/ and claim/ that a
// worker would refuse, applications whose data is not scrubbed, spares for
// which there is no room. Called by check_files().
Findings check_data(const Config& config, const Owners& owners);

// The third part, in findings_logins.cpp: logins in Apache's password file that
// are the same user to Berth. Called by check_files().
Findings check_logins(const Config& config);

// The fourth part, in findings_apache.cpp: Apache's files of an older version,
// which mounted the console in every site and did not report the port of the
// site that answers; FcgidAuthorizer; modules that must be disabled or enabled.
// Called by check_files().
Findings check_apache(const Config& config);

// The fifth part, in findings_roles.cpp: roles of a cluster that two
// applications use, and files in the cache from refreshes of applications that
// berth.conf no longer has. Called by check_files().
Findings check_roles(const Config& config);

// The sixth part, in findings_clusters.cpp: two sections whose conninfo leads
// to the same address. `check_files` calls it.
Findings check_clusters(const Config& config);

// The NAMEs of {{secret.NAME:...}} in a template's text, without duplicates,
// sorted.
std::vector<std::string> secrets_named(const std::string& text);

}  // namespace berth::ctl
