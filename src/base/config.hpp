// SPDX-License-Identifier: GPL-2.0-or-later
// The configuration: berth.conf, in TOML, and conf.d/*.conf in the same folder;
// without secrets, readable by every program. load_config() checks every key -
// unknown, missing, out of range, wrong type, duplicate names - and throws all
// problems at once, each with file, line and column.
//
// Servers are not listed in it: a domain that matches a host's `servers` is
// one.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

namespace berth {

// An image from which a server can be created on that host: a volume of a pool
// there, and the hardware of the new domain.
struct ImageConfig {
  std::string name;
  std::string pool = "default";     // of the image and of new volumes
  std::string volume;               // the image: qcow2 or raw, never written
  std::string network = "default";  // libvirt network of the host
  std::string type = "kvm";         // or "qemu": emulated
  std::int64_t memory = std::int64_t{1} << 30;  // bytes
  int vcpus = 1;
  std::int64_t disk = 0;            // bytes; 0: the size of the image
  std::int64_t room = std::int64_t{2} << 30;    // must be free in the pool
};

struct HostConfig {
  std::string name;
  std::string uri;                             // a libvirt connection URI
  std::vector<std::string> servers;            // globs over domain names
  std::map<std::string, std::string> aliases;  // domain name -> server name
  std::map<std::string, std::int64_t> deadline;  // step -> seconds
  // The configured deadline or the default: power 2 minutes, answer 5, snapshot
  // 10.
  std::int64_t seconds_for(const std::string& step) const;
  std::map<std::string, ImageConfig> images;

  // Whether a domain of this name is a server of this host.
  bool lists(const std::string& domain) const;
};

struct ClusterConfig {
  std::string name;
  std::string conninfo;         // libpq's; the password is in ~berth/.pgpass
  bool insecure = false;        // the cluster need not prove its identity
  int copies = 1;               // copies made concurrently
  std::int64_t disk_floor = 0;  // bytes that must remain free
  int spares = 10;              // the most, of all applications
  std::vector<std::string> restore_users;  // of all applications
};

struct VerifyConfig {
  std::string path = "/";
  int status = 200;
  std::string contains;           // empty: any text
  std::int64_t timeout = 30;      // seconds
  std::string ca;         // PEM file of the CA of the site's certificate
  bool insecure = false;  // true: the certificate is not verified
};

// A `set` value keeps its type until the template's modifier.
using SetValue = std::variant<bool, std::int64_t, double, std::string>;

struct ApplicationConfig {
  std::string name;
  std::string place;                 // "FILE:LINE:COLUMN" of its table
  std::string repository;            // URL without a trailing slash
  std::string kind;                  // "svn" or "git"
  std::string cluster;               // empty: an application without data
  std::string database;              // pattern with {server}
  std::string owner;                 // role that owns the databases
  std::string restore_user;  // role that runs dumps and scripts; empty: berth
  std::string dump;                  // source of a refresh; may be empty
  int spares = 0;                    // copies kept ready
  int generations = 2;               // bases kept, the newest included
  std::vector<std::string> skip_data;  // globs of SCHEMA.TABLE: no rows
  // globs of foreign tables that a base may have
  std::vector<std::string> foreign_tables;
  bool require_assertions = false;   // true: a refresh requires assertions
  int restore_jobs = 2;              // pg_restore -j
  int size_least = 50, size_most = 200;  // percent of the last generation
  std::int64_t undo = 3600;          // seconds that the trash is kept
  // the most seconds that "keep" may set
  std::int64_t longest_undo = 7 * 86400;
  std::string root;                  // folder on the guest: ROOT/{a,b,current}
  std::vector<std::string> shared;
  std::string url;                   // pattern with {server}; may be empty
  std::vector<std::string> paths;    // globs that `paths` suggests
  // globs of servers on which it may be built
  std::vector<std::string> servers;
  std::optional<VerifyConfig> verify;
  std::map<std::string, SetValue> set;
  std::map<std::string, std::int64_t> deadline;  // step -> seconds

  // The name of the live database on a server: {server} replaced, `-` by `_`.
  std::string database_on(const std::string& server) const;
  // The site's URL on a server; empty if it has none.
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
  std::vector<std::string> urls;  // further addresses of the console
  // The console's Apache <VirtualHost>s as URLs, if they differ from `url` and
  // `urls` because TLS ends before Apache. Empty: they do not differ.
  std::vector<std::string> virtual_hosts;
  std::int64_t default_hold = 8 * 3600;      // seconds
  std::int64_t longest_hold = 5 * 86400;     // seconds
  std::vector<std::string> admins;           // users and %groups
  bool lower_case_logins = true;
  std::string login_realm;     // NAME@REALM is NAME; empty: kept as it is
  std::string login_domain;    // DOMAIN\NAME is NAME; empty: refused
  std::string password_file;   // Apache's, for check; empty: apache.users
  int most_waiting = 20;       // queued jobs of one kind per user
  int most_a_minute = 120;     // changes per user and minute
  std::string web_user;
  // Addresses of berth as guests see it: OpenSSH's patterns for from=.
  std::vector<std::string> guest_from;
  int web_processes = 4;
  std::int64_t disk_floor = std::int64_t{1} << 30;  // bytes, of the spool
  std::int64_t keep_logs = 90 * 86400;              // seconds
  PathsConfig paths;
  std::map<std::string, HostConfig> hosts;
  std::map<std::string, ClusterConfig> clusters;
  std::map<std::string, ApplicationConfig> applications;

  bool is_admin(const std::string& user) const;
  // Whether `database` is the application's database on a server that a host
  // may have: shop_qa1 fits shop_{server} if a host has qa*.
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

// An empty `file` is $BERTH_CONFIG, or else the compiled-in path.
Config load_config(const std::string& file = "");
// The path that load_config("") reads.
std::string default_config_file();
// The version given to configure.
const char* version();

}  // namespace berth
