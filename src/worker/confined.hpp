// SPDX-License-Identifier: GPL-2.0-or-later
// What each program of this machine that reads what others wrote may read and
// write: the one place. All begin with base/confine's confined_program(), which
// has no secret in it, and none gets berth.conf, secrets, .pgpass or /proc.
//
//   pg_restore  the dump; to restore, its list, ~/.postgresql/root.crt and
//               root.crl, and the files for TLS that conninfo names. Only so
//               is a client key among them, and no name in a dump leads to it,
//               as worker/dump_toc.hpp refuses every other. The password of
//               its one login comes in PGPASSWORD (worker/restore.cpp).
//   rsync       cache/APP, which it may write. Its ssh uses the socket of a
//               master of ours and reads neither key nor known_hosts.
//   svn         ~/.subversion, which may hold a password of the repository
//   git         ~/.gitconfig, ~/.config/git, ~/.git-credentials, ~/.netrc, for
//               the same reason; its scratch repository, which it may write
//   svn, git    over ssh, ~/.ssh, with the key: which host a URL means is for
//               them to say, after their own configuration. A repository that
//               is on this machine.
//
// What these settings name elsewhere (a client certificate, an included file)
// is not readable: keep it in the folder named here.
#pragma once

#include <map>
#include <string>

#include "base/config.hpp"
#include "base/confine.hpp"

namespace berth::worker {

// `dump`: without links in its path.
Confinement confined_pg_restore(const std::string& dump);
// To restore, too: `list` is its --use-list, `conninfo` the values it gets.
Confinement confined_pg_restore(
    const std::string& dump, const std::string& list,
    const std::map<std::string, std::string>& conninfo);
Confinement confined_rsync(const std::string& folder);
// `scratch`: a folder that it may write; empty: none.
Confinement confined_repository(const ApplicationConfig& application,
                                const std::string& scratch = "");

}  // namespace berth::worker
