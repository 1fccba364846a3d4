// SPDX-License-Identifier: GPL-2.0-or-later
// Reads berth.conf and conf.d/*.conf into one Config. The files are read in
// the order of their names; none overrides another: a key given twice, in one
// file or in two, is an error.
#include <sys/stat.h>

#include <algorithm>
#include <set>

#include "base/config.hpp"
#include "base/dir.hpp"
#include "base/error.hpp"
#include "base/name.hpp"
#include "base/text.hpp"
#include "base/toml_table.hpp"

namespace berth {
namespace {

constexpr std::size_t kLargestConfig = 1 << 20;

class Loader {
 public:
  Loader(Config& config, std::vector<ConfigProblem>& problems)
      : config_(config), problems_(problems) {}

  void read(const Dir& dir, const std::string& name);
  void check_whole();

 private:
  using Read = void (Loader::*)(TomlTable&, const std::string&);
  void each(TomlTable& top, const char* kind, Read reader);
  void once(TomlTable& top, const char* section, Read reader);
  void console(TomlTable& t, const std::string&);
  void paths(TomlTable& t, const std::string&);
  void host(TomlTable& t, const std::string& name);
  void cluster(TomlTable& t, const std::string& name);
  void application(TomlTable& t, const std::string& name);
  void application_data(TomlTable& t, ApplicationConfig& a);
  void application_extras(TomlTable& t, ApplicationConfig& a);
  void whole_problem(const std::string& section, std::string text);

  Config& config_;
  std::vector<ConfigProblem>& problems_;
  std::set<std::string> once_;
  // Where a section stood, for problems found at the end.
  std::map<std::string, std::pair<std::string, toml::source_position>> places_;
};

void Loader::read(const Dir& dir, const std::string& name) {
  const std::string path = dir.path_of(name);
  toml::table table;
  try {
    const auto text = dir.read(name, kLargestConfig);
    if (!text) throw Error("read", path, "there is no such file");
    table = toml::parse(*text, path);
  } catch (const toml::parse_error& e) {
    const auto at = e.source().begin;
    problems_.push_back({path, static_cast<unsigned>(at.line),
                         static_cast<unsigned>(at.column),
                         std::string(e.description())});
    return;
  } catch (const Error& e) {
    problems_.push_back({path, 0, 0, e.cause()});
    return;
  }
  TomlTable top(table, path, "", problems_);
  once(top, "console", &Loader::console);
  once(top, "paths", &Loader::paths);
  each(top, "host", &Loader::host);
  each(top, "cluster", &Loader::cluster);
  each(top, "application", &Loader::application);
  top.finish();
}

void Loader::once(TomlTable& top, const char* section, Read reader) {
  const toml::table* table = top.table(section);
  if (!table) return;
  TomlTable t(*table, top.file(), section, problems_);
  if (!once_.insert(section).second) {
    return t.problem(nullptr, "is given in more than one file");
  }
  (this->*reader)(t, section);
  t.finish();
}

void Loader::each(TomlTable& top, const char* kind, Read reader) {
  const toml::table* named = top.table(kind);
  if (!named) return;
  for (const auto& [key, node] : *named) {
    const std::string name(key.str());
    const std::string section = std::string(kind) + "." + name;
    if (!node.is_table()) {
      top.problem(&node, section + " must be a table");
      continue;
    }
    TomlTable t(*node.as_table(), top.file(), section, problems_);
    const bool good = kind == std::string_view("application")
                          ? is_application_name(name)
                          : is_config_name(name);
    if (!good) {
      t.problem(nullptr, "'" + printable(name, 64) +
                             "' is no name: a lower-case letter, then "
                             "letters, digits and '-'");
      continue;
    }
    if (!places_.emplace(section, std::pair(top.file(), node.source().begin))
             .second) {
      t.problem(nullptr, "is defined twice");
      continue;
    }
    (this->*reader)(t, name);
    t.finish();
  }
}

void Loader::console(TomlTable& t, const std::string&) {
  t.text("title", config_.title);
  t.text("url", config_.url, true);
  while (config_.url.ends_with('/')) config_.url.pop_back();
  if (t.has("url") && !config_.url.starts_with("http://") &&
      !config_.url.starts_with("https://")) {
    t.problem_at("url", "must start with http:// or https://");
  }
  t.duration("default_hold", config_.default_hold);
  t.duration("longest_hold", config_.longest_hold);
  if (config_.default_hold > config_.longest_hold) {
    t.problem(nullptr, "default_hold is longer than longest_hold");
  }
  t.texts("admins", config_.admins);
  std::string word = "lower";
  t.word("login_case", word, {"lower", "keep"});
  config_.lower_case_logins = word == "lower";
  word = "keep";
  t.word("login_realm", word, {"strip", "keep"});
  config_.strip_realm = word == "strip";
  t.text("web_user", config_.web_user);
  t.whole("web_processes", config_.web_processes, 2, 64);
  t.size("disk_floor", config_.disk_floor);
  t.duration("keep_logs", config_.keep_logs);
}

void Loader::paths(TomlTable& t, const std::string&) {
  const auto folder = [&t](const char* key, std::string& into) {
    t.text(key, into);
    if (!into.starts_with('/')) t.problem_at(key, "must be a whole path");
  };
  folder("spool", config_.paths.spool);
  folder("lib", config_.paths.lib);
  folder("log", config_.paths.log);
  folder("run", config_.paths.run);
  folder("cache", config_.paths.cache);
}

void Loader::host(TomlTable& t, const std::string& name) {
  HostConfig host;
  host.name = name;
  t.text("uri", host.uri, true);
  t.texts("servers", host.servers, true);
  if (const toml::table* aliases = t.table("aliases")) {
    std::set<std::string> taken;
    for (const auto& [domain, node] : *aliases) {
      const auto* server = node.as_string();
      if (!server || !is_server_name(server->get())) {
        t.problem(&node, "aliases: must be a server's name: a lower-case "
                         "letter, then letters, digits and '-'");
      } else if (!taken.insert(server->get()).second) {
        t.problem(&node, "aliases: '" + server->get() + "' is given twice");
      } else {
        host.aliases[std::string(domain.str())] = server->get();
      }
    }
  }
  config_.hosts[name] = host;
}

void Loader::cluster(TomlTable& t, const std::string& name) {
  ClusterConfig cluster;
  cluster.name = name;
  t.text("conninfo", cluster.conninfo, true);
  if (cluster.conninfo.find("password") != std::string::npos) {
    t.problem_at("conninfo", "holds a password; this file is readable by "
                             "everybody: put it into ~berth/.pgpass");
  }
  t.whole("copies", cluster.copies, 1, 64);
  t.size("disk_floor", cluster.disk_floor);
  t.whole("spares", cluster.spares, 0, 1000);
  config_.clusters[name] = cluster;
}

void Loader::application(TomlTable& t, const std::string& name) {
  ApplicationConfig a;
  a.name = name;
  t.text("repository", a.repository, true);
  while (a.repository.ends_with('/')) a.repository.pop_back();
  t.word("kind", a.kind, {"svn", "git"}, true);
  t.text("root", a.root, true);
  if (t.has("root") &&
      (!a.root.starts_with('/') || a.root.size() < 2 ||
       a.root.find("..") != std::string::npos)) {
    t.problem_at("root", "must be a whole path other than /");
  }
  application_data(t, a);
  application_extras(t, a);
  config_.applications[name] = a;
}

void Loader::application_data(TomlTable& t, ApplicationConfig& a) {
  t.text("cluster", a.cluster);
  t.text("database", a.database);
  t.text("owner", a.owner);
  t.text("dump", a.dump);
  t.whole("spares", a.spares, 0, 100);
  t.whole("generations", a.generations, 1, 20);
  t.texts("skip_data", a.skip_data);
  t.whole("restore_jobs", a.restore_jobs, 1, 16);
  t.whole("size_least", a.size_least, 0, 100);
  t.whole("size_most", a.size_most, 100, 100000);
  t.duration("undo", a.undo);
  t.duration("longest_undo", a.longest_undo);
  if (!a.dump.empty() && refuse_dump(a.dump)) {
    t.problem_at("dump", *refuse_dump(a.dump));
  }
  if (a.cluster.empty()) {
    if (!a.database.empty() || !a.owner.empty()) {
      t.problem(nullptr, "database and owner need a cluster");
    }
    return;
  }
  if (a.database.empty()) t.problem(nullptr, "database is missing");
  if (!is_database_name(a.owner)) {
    t.problem(nullptr, "owner must be a role's name in lower case");
  }
  // 31 bytes is the longest server name; the whole must stay a name.
  const std::string longest(31, 'x');
  if (!a.database.empty() &&
      (a.database.find("{server}") == std::string::npos ||
       !is_database_name(a.database_on(longest)) ||
       a.database.starts_with("berth_"))) {
    t.problem_at("database", "must hold {server} and otherwise lower-case "
                             "letters, digits and '_', 63 bytes at most with "
                             "a server of 31, and not start with berth_");
  }
}

void Loader::application_extras(TomlTable& t, ApplicationConfig& a) {
  t.texts("shared", a.shared);
  for (const auto& folder : a.shared) {
    if (refuse_path("svn", folder)) {
      t.problem_at("shared", "'" + printable(folder, 64) +
                                 "' is no path inside a checkout");
    }
  }
  t.text("url", a.url);
  a.paths = {"trunk", "branches/*", "tags/*"};
  t.texts("paths", a.paths);
  a.servers = {"*"};
  t.texts("servers", a.servers);
  if (const toml::table* verify = t.table("verify")) {
    TomlTable v(*verify, t.file(), "application." + a.name + ".verify",
                problems_);
    VerifyConfig out;
    v.text("path", out.path);
    if (!out.path.starts_with('/')) v.problem_at("path", "must start with /");
    v.whole("status", out.status, 100, 599);
    v.text("contains", out.contains);
    v.duration("timeout", out.timeout);
    if (a.url.empty()) v.problem(nullptr, "needs the application's url");
    v.finish();
    a.verify = out;
  }
  if (const toml::table* set = t.table("set")) {
    for (const auto& [key, node] : *set) {
      const std::string name(key.str());
      if (const auto* b = node.as_boolean()) {
        a.set[name] = b->get();
      } else if (const auto* i = node.as_integer()) {
        a.set[name] = i->get();
      } else if (const auto* d = node.as_floating_point()) {
        a.set[name] = d->get();
      } else if (const auto* s = node.as_string();
                 s && !has_control_characters(s->get())) {
        a.set[name] = s->get();
      } else {
        t.problem(&node, "set: '" + printable(name, 64) +
                             "' must be a string without control characters, "
                             "a number, true or false");
      }
    }
  }
  if (const toml::table* deadline = t.table("deadline")) {
    TomlTable d(*deadline, t.file(), "application." + a.name + ".deadline",
                problems_);
    for (const char* step :
         {"preflight", "database", "checkout", "render", "prepare", "switch",
          "restart", "verify", "fetch", "restore", "scrub", "assert",
          "vacuum", "copy"}) {
      std::int64_t seconds = 0;
      d.duration(step, seconds);
      if (seconds > 0) a.deadline[step] = seconds;
    }
    d.finish();
  }
}

void Loader::whole_problem(const std::string& section, std::string text) {
  const auto found = places_.find(section);
  if (found == places_.end()) {
    problems_.push_back({config_.file, 0, 0, std::move(text)});
    return;
  }
  const auto& [file, at] = found->second;
  problems_.push_back({file, static_cast<unsigned>(at.line),
                       static_cast<unsigned>(at.column),
                       "[" + section + "] " + std::move(text)});
}

void Loader::check_whole() {
  if (!once_.contains("console")) {
    whole_problem("console", "[console] is missing");
  }
  std::map<std::string, std::string> patterns;
  for (const auto& [name, a] : config_.applications) {
    const std::string section = "application." + name;
    if (a.cluster.empty()) continue;
    if (!config_.clusters.contains(a.cluster)) {
      whole_problem(section, "cluster: there is no [cluster." +
                                 printable(a.cluster, 64) + "]");
    }
    const auto [other, fresh] =
        patterns.emplace(a.cluster + "/" + a.database, name);
    if (!fresh) {
      whole_problem(section, "database: [application." + other->second +
                                 "] has the same pattern");
    }
  }
  std::map<std::string, std::string> aliases;
  for (const auto& [name, host] : config_.hosts) {
    for (const auto& [domain, server] : host.aliases) {
      const auto [other, fresh] = aliases.emplace(server, name);
      if (!fresh) {
        whole_problem("host." + name, "aliases: '" + server +
                                          "' is also a server of [host." +
                                          other->second + "]");
      }
    }
  }
}

}  // namespace

Config load_config(const std::string& given) {
  Config config;
  config.file = given.empty() ? default_config_file() : given;
  const std::size_t slash = config.file.rfind('/');
  if (slash == std::string::npos) config.file = "./" + config.file;
  config.folder = config.file.substr(0, config.file.rfind('/'));
  config.web_user = BERTH_WEB_USER;
  config.paths = {BERTH_SPOOLDIR, BERTH_LIBDIR, BERTH_LOGDIR, BERTH_RUNDIR,
                  BERTH_CACHEDIR};
  std::vector<ConfigProblem> problems;
  Loader loader(config, problems);
  try {
    const Dir dir(config.folder.empty() ? "/" : config.folder);
    loader.read(dir, config.file.substr(config.file.rfind('/') + 1));
    if (dir.exists("conf.d")) {
      const Dir more(dir, "conf.d");
      for (const auto& name : more.names()) {
        if (name.ends_with(".conf")) loader.read(more, name);
      }
    }
  } catch (const Error& e) {
    problems.push_back({config.file, 0, 0, e.what()});
  }
  if (problems.empty()) loader.check_whole();
  if (!problems.empty()) throw ConfigError(std::move(problems));
  return config;
}

}  // namespace berth
