// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/confined.hpp"

#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

namespace berth::worker {
namespace {

// A relative one would be read from where we are: none.
std::string home_of_ours() {
  const char* home = ::getenv("HOME");
  if (home && *home == '/') return home;
  const passwd* me = ::getpwuid(::geteuid());
  return me && *me->pw_dir == '/' ? me->pw_dir : "/nonexistent";
}

void let_read(Confinement& out, const std::string& path) {
  if (path.starts_with('/')) out.read.push_back(path);
}

bool is_over_ssh(const std::string& url) {
  const auto scheme = url.find("://");
  if (scheme == std::string::npos) return !url.starts_with('/');  // host:path
  return url.substr(0, scheme).find("ssh") != std::string::npos;
}

}  // namespace

Confinement confined_pg_restore(const std::string& dump) {
  Confinement out = confined_program();
  // Debian's pg_restore is a script that chooses one of several releases.
  out.run.push_back("/usr/share/postgresql-common");
  for (const char* path : {"/etc/postgresql", "/etc/postgresql-common",
                           "/etc/perl"}) {
    out.read.push_back(path);
  }
  out.foreign.push_back(dump);
  return out;
}

Confinement confined_pg_restore(
    const std::string& dump, const std::string& list,
    const std::map<std::string, std::string>& conninfo) {
  Confinement out = confined_pg_restore(dump);
  out.read.push_back(list);
  out.read.push_back("/etc/krb5.conf");
  for (const char* file : {"root.crt", "root.crl"}) {
    out.read.push_back(home_of_ours() + "/.postgresql/" + file);
  }
  for (const char* option :
       {"sslcert", "sslkey", "sslrootcert", "sslcrl", "sslcrldir"}) {
    const auto found = conninfo.find(option);
    if (found != conninfo.end()) let_read(out, found->second);
  }
  return out;
}

Confinement confined_rsync(const std::string& folder) {
  Confinement out = confined_program();
  out.write.push_back(folder);
  return out;
}

Confinement confined_repository(const ApplicationConfig& application,
                                const std::string& scratch) {
  Confinement out = confined_program();
  const std::string home = home_of_ours();
  if (application.kind == "git") {
    for (const char* name :
         {"/.gitconfig", "/.config/git", "/.git-credentials", "/.netrc"}) {
      out.read.push_back(home + name);
    }
    out.read.push_back("/etc/gitconfig");
  } else {
    out.read.push_back(home + "/.subversion");
    out.read.push_back("/etc/subversion");
  }
  std::string url = application.repository;
  if (is_over_ssh(url)) {
    out.read.push_back(home + "/.ssh");
    for (const char* path : {"/etc/ssh/ssh_config", "/etc/ssh/ssh_config.d",
                             "/etc/ssh/ssh_known_hosts"}) {
      out.read.push_back(path);
    }
  }
  if (url.starts_with("file://")) url = url.substr(7);
  let_read(out, url);
  if (!scratch.empty()) out.write.push_back(scratch);
  return out;
}

}  // namespace berth::worker
