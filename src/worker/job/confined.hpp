// SPDX-License-Identifier: GPL-2.0-or-later
// The one place that defines which files each local program may read and write
// that processes data written by others. Every confinement starts from
// base/confine's confined_program(), which exposes no secret; none can read
// berth.conf, secrets, .pgpass or /proc.
//
//   pg_restore  the dump; when restoring also its list, ~/.postgresql/root.crt
//               and root.crl, and the TLS files that conninfo names. A client
//               key can be among these, but no name in a dump leads to it,
//               because worker/data/dump_toc.hpp refuses all other names. The
//               password of its single login is passed in PGPASSWORD, the rest
//               of conninfo in a service file that exists in no folder
//               (worker/cluster/service_file.hpp).
//   rsync       cache/APP, which it may write. Its ssh uses the socket of a
//               master connection and reads no key and no known_hosts.
//   svn         ~/.subversion, which may hold a password of the repository
//   git         ~/.gitconfig, ~/.config/git, ~/.git-credentials and ~/.netrc,
//               for the same reason; its scratch repository, which it may
//               write. Only ls-remote and fetch may connect to another
//               repository: git commands that inspect fetched data could fetch
//               more on their own
//   svn, git    a repository on this machine. Over ssh they use the socket of a
//               master connection, as rsync does
//               (worker/repository/repository_program.hpp).
//   ssh         the master connection to a guest, a backup host or a
//               repository: ~/.ssh with the key, its configuration,
//               known_hosts; it creates its socket
//   curl        the certificate that verify's `ca` names
//   diff        nothing
//   ssh-keygen  one known_hosts file
//   xorriso     the folder of a seed
//
// Files that these settings name elsewhere (a client certificate, an included
// file, an IdentityFile) are not readable; keep them in the folder listed here.
//
// Sockets: pg_restore to a remote cluster, svn, git, ssh and curl may use the
// network. Programs that talk to a master connection or to a local cluster may
// use AF_UNIX; the kernel cannot restrict which of these sockets they connect
// to. All others may use none. libvirt may resolve guest names (nss-libvirt),
// so programs with network access may read /var/lib/libvirt/dnsmasq.
#pragma once

#include <map>
#include <string>

#include "base/config.hpp"
#include "base/confine.hpp"

namespace berth::worker {

// `dump` must be a path without symbolic links.
Confinement confined_pg_restore(const std::string& dump);
// For restoring: `list` is its --use-list, `conninfo` the values it connects
// with.
Confinement confined_pg_restore(
    const std::string& dump, const std::string& list,
    const std::map<std::string, std::string>& conninfo);
Confinement confined_rsync(const std::string& folder);
// `scratch`: a folder that it may write; empty: none. Throws Error for a file:
// URL that svn or git could read differently than Berth does.
Confinement confined_repository(const ApplicationConfig& application,
                                const std::string& scratch = "");
// git on fetched data: it can reach neither the repository nor any socket.
Confinement confined_scratch(const std::string& scratch);
// With Berth's ssh_config, or only with that of this account. `sockets` is the
// folder in which ssh creates its socket; empty: it creates none.
Confinement confined_ssh(const Config& config, const std::string& sockets);
Confinement confined_ssh(const std::string& sockets);
Confinement confined_curl(const VerifyConfig& verify);
Confinement confined_diff();
Confinement confined_key_search(const std::string& known_hosts);
Confinement confined_seed(const std::string& folder);

// Whether svn or git connects to the repository over ssh.
bool is_over_ssh(const std::string& repository);
// The path of a repository on this machine, decoded as programs of `kind` do;
// empty if it is elsewhere. Throws Error as confined_repository() does.
std::string local_repository(const std::string& url, const std::string& kind);

}  // namespace berth::worker
