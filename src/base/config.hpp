// SPDX-License-Identifier: GPL-2.0-or-later
// berth.conf: what the administrators say. TOML, one file and conf.d/*.conf
// beside it, no secrets, readable by every program. load_config() checks every
// key - unknown, missing, out of range, wrong type, two things of one name -
// and throws all problems at once, each with file, line and column.
//
// Servers are not listed anywhere: what matches a host's `servers` is one.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

namespace berth {

// What a server on that host is made from: a volume of a pool there, and what
// the new domain gets.
struct ImageConfig {
  std::string name;
  std::string pool = "default";     // of the image and of what is made from it
  std::string volume;               // the image: qcow2 or raw, never written
  std::string network = "default";  // a libvirt network of the host
  std::string type = "kvm";         // or "qemu": emulated
  std::int64_t memory = std::int64_t{1} << 30;  // bytes
  int vcpus = 1;
  std::int64_t disk = 0;            // bytes; 0: as large as the image
  std::int64_t room = std::int64_t{2} << 30;    // free in the pool, or none
};

struct HostConfig {
  std::string name;
  std::string uri;                             // a libvirt connection URI
  std::vector<std::string> servers;            // globs over domain names
  std::map<std::string, std::string> aliases;  // domain name -> server name
  std::map<std::string, std::int64_t> deadline;  // step -> seconds
  // The configured one, or ours: power 2 minutes, answer 5, snapshot 10.
  std::int64_t seconds_for(const std::string& step) const;
  std::map<std::string, ImageConfig> images;

  // A domain of this name is a server of this host.
  bool lists(const std::string& domain) const;
};

struct ClusterConfig {
  std::string name;
  std::string conninfo;         // libpq's; the password is in ~berth/.pgpass
  bool insecure = false;        // it need not prove who it is
  int copies = 1;               // copies made at the same time
  std::int64_t disk_floor = 0;  // bytes; no new copy below it
  int spares = 10;              // of all applications together, at most
  std::vector<std::string> restore_users;  // of all applications together
};

struct VerifyConfig {
  std::string path = "/";
  int status = 200;
  std::string contains;           // empty: any text
  std::int64_t timeout = 30;      // seconds
  std::string ca;         // a PEM file with what signed the site's certificate
  bool insecure = false;  // the certificate is not checked
};

// A `set` value keeps its type up to the template's modifier.
using SetValue = std::variant<bool, std::int64_t, double, std::string>;

struct ApplicationConfig {
  std::string name;
  std::string place;                 // "FILE:LINE:COLUMN" of its table
  std::string repository;            // URL without a trailing slash
  std::string kind;                  // "svn" or "git"
  std::string cluster;               // empty: an application without data
  std::string database;              // pattern with {server}
  std::string owner;                 // role that owns the databases
  std::string restore_user;          // runs dumps and scripts; empty: berth
  std::string dump;                  // where refresh fetches from; may be empty
  int spares = 0;                    // copies kept ready
  int generations = 2;               // bases kept, the newest included
  std::vector<std::string> skip_data;  // globs of SCHEMA.TABLE: no rows
  std::vector<std::string> foreign_tables;  // globs of those a base may have
  bool require_assertions = false;   // a refresh without one fails
  int restore_jobs = 2;              // pg_restore -j
  int size_least = 50, size_most = 200;  // percent of the last generation
  std::int64_t undo = 3600;          // seconds the trash is kept
  std::int64_t longest_undo = 7 * 86400;  // seconds that "keep" may give
  std::string root;                  // folder on the guest: ROOT/{a,b,current}
  std::vector<std::string> shared;
  std::string url;                   // pattern with {server}; may be empty
  std::vector<std::string> paths;    // globs that `paths` suggests
  std::vector<std::string> servers;  // globs of servers it may be built on
  std::optional<VerifyConfig> verify;
  std::map<std::string, SetValue> set;
  std::map<std::string, std::int64_t> deadline;  // step -> seconds

  // The live database on a server: {server} replaced, `-` as `_`.
  std::string database_on(const std::string& server) const;
  // The site's address on a server, empty when there is none.
  std::string url_on(const std::string& server) const;
  bool allowed_on(const std::string& server) const;
};

struct PathsConfig {
  std::string spool;  // drop/ receipts/ queue/ active/ bad/ lock/
  std::string lib;    // site sequence history/ state/
  std::string log;    // N.log
  std::string run;    // sockets of a job's ssh connection
  std::string cache;  // fetched dumps: berth's alone
};

struct Config {
  std::string file;    // the path it was read from
  std::string folder;  // where secrets/, templates/, ssh_config are
  std::string title = "Test servers";
  std::string url;             // the console's own, no trailing slash
  std::vector<std::string> urls;  // others at which it answers, too
  // Apache's <VirtualHost>s of the console, as URLs, where they are not at
  // `url` and `urls`: TLS ends before Apache. Empty: they are at those.
  std::vector<std::string> virtual_hosts;
  std::int64_t default_hold = 8 * 3600;      // seconds
  std::int64_t longest_hold = 5 * 86400;     // seconds
  std::vector<std::string> admins;           // users and %groups
  bool lower_case_logins = true;
  std::string login_realm;     // NAME@REALM is NAME; empty: kept as it is
  std::string login_domain;    // DOMAIN\NAME is NAME; empty: refused
  std::string password_file;   // Apache's, for check; empty: apache.users
  int most_waiting = 20;       // jobs of one kind that a user has waiting
  int most_a_minute = 120;     // changes that a user gets within a minute
  std::string web_user;
  // Where berth comes from, as guests see it: OpenSSH's patterns for from=.
  std::vector<std::string> guest_from;
  int web_processes = 4;
  std::int64_t disk_floor = std::int64_t{1} << 30;  // bytes, of the spool
  std::int64_t keep_logs = 90 * 86400;              // seconds
  PathsConfig paths;
  std::map<std::string, HostConfig> hosts;
  std::map<std::string, ClusterConfig> clusters;
  std::map<std::string, ApplicationConfig> applications;

  bool is_admin(const std::string& user) const;
  // `database` is the application's on some server that a host may have:
  // shop_qa1 fits shop_{server} where one has qa*.
  bool may_have(const ApplicationConfig& application,
                const std::string& database) const;
};

struct ConfigProblem {
  std::string file;
  unsigned line = 0;    // 0: the whole file
  unsigned column = 0;
  std::string text;
  std::string str() const;  // "FILE:LINE:COLUMN: TEXT"
};

class ConfigError : public std::runtime_error {
 public:
  explicit ConfigError(std::vector<ConfigProblem> problems);
  const std::vector<ConfigProblem>& problems() const { return problems_; }

 private:
  std::vector<ConfigProblem> problems_;
};

// `file` empty: $BERTH_CONFIG, else the compiled-in path.
Config load_config(const std::string& file = "");
// The path load_config("") would read.
std::string default_config_file();
// The version configure was given.
const char* version();

}  // namespace berth
