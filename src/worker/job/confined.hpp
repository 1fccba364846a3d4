// SPDX-License-Identifier: GPL-2.0-or-later
// What each program of this machine that reads what others wrote may read and
// write: the one place. All begin with base/confine's confined_program(), which
// has no secret in it, and none gets berth.conf, secrets, .pgpass or /proc.
//
//   pg_restore  the dump; to restore, its list, ~/.postgresql/root.crt and
//               root.crl, and the files for TLS that conninfo names. Only so
//               is a client key among them, and no name in a dump leads to it,
//               as worker/data/dump_toc.hpp refuses every other. The password
//               of its one login comes in PGPASSWORD, the rest of conninfo in a
//               service file that no folder has
//               (worker/cluster/service_file.hpp).
//   rsync       cache/APP, which it may write. Its ssh uses the socket of a
//               master of ours and reads neither key nor known_hosts.
//   svn         ~/.subversion, which may hold a password of the repository
//   git         ~/.gitconfig, ~/.config/git, ~/.git-credentials, ~/.netrc, for
//               the same reason; its scratch repository, which it may write.
//               Only ls-remote and fetch reach another repository: what looks
//               at what was fetched could fetch more by itself
//   svn, git    a repository that is on this machine. Over ssh they use a
//               master's socket as rsync does
//               (worker/repository/repository_program.hpp).
//   ssh         the master to a guest, a backup host or a repository: ~/.ssh
//               with the key, its configuration, known_hosts; it makes its
//               socket
//   curl        the certificate in verify's ca
//   diff, ssh-keygen, xorriso
//               nothing, one known_hosts, a seed's folder
//
// What these settings name elsewhere (a client certificate, an included file,
// an IdentityFile) is not readable: keep it in the folder named here.
//
// Sockets: the network for pg_restore to a cluster elsewhere, svn, git, ssh and
// curl; AF_UNIX where a master or a local cluster is spoken to, since what may
// open one may connect to any of them; none for all others. Names of guests may
// be libvirt's to resolve (nss-libvirt): what may use the network may read
// /var/lib/libvirt/dnsmasq.
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
// `scratch`: a folder that it may write; empty: none. Throws Error for a file:
// URL that svn or git could read otherwise than we do.
Confinement confined_repository(const ApplicationConfig& application,
                                const std::string& scratch = "");
// git with what was fetched: neither the repository nor any socket.
Confinement confined_scratch(const std::string& scratch);
// With Berth's ssh_config, or of this account's own. `sockets`: the folder of
// its socket; empty: it makes none.
Confinement confined_ssh(const Config& config, const std::string& sockets);
Confinement confined_ssh(const std::string& sockets);
Confinement confined_curl(const VerifyConfig& verify);
Confinement confined_diff();
Confinement confined_key_search(const std::string& known_hosts);
Confinement confined_seed(const std::string& folder);

// Whether svn or git reach it over ssh.
bool is_over_ssh(const std::string& repository);
// The path of a repository that is on this machine, decoded as `kind` does;
// empty: it is elsewhere. Throws Error as above.
std::string local_repository(const std::string& url, const std::string& kind);

}  // namespace berth::worker
