// SPDX-License-Identifier: GPL-2.0-or-later
// Reads berth.conf and conf.d/*.conf into one Config. The files are read in the
// order of their names; none overrides another: a key given twice, in one file
// or in two, is an error.
#include <sys/stat.h>

#include <algorithm>
#include <set>

#include "base/config_loader.hpp"
#include "base/conninfo.hpp"
#include "base/database_pattern.hpp"
#include "base/dir.hpp"
#include "base/error.hpp"
#include "base/name.hpp"
#include "base/origin.hpp"
#include "base/text.hpp"
#include "base/toml_table.hpp"

namespace berth {
namespace {

constexpr std::size_t kLargestConfig = 1 << 20;

}  // namespace

void ConfigLoader::read(const Dir& dir, const std::string& name) {
  const std::string path = dir.path_of(name);
  toml::table table;
  try {
    const auto text = dir.read(name, kLargestConfig);
    if (!text) throw Error("read", path, "no such file");
    table = parse_toml(*text, path);
  } catch (const TomlError& e) {
    problems_.push_back({path, e.line, e.column, e.text});
    return;
  } catch (const Error& e) {
    problems_.push_back({path, 0, 0, e.cause()});
    return;
  }
  TomlTable top(table, path, "", problems_);
  once(top, "console", &ConfigLoader::console);
  once(top, "paths", &ConfigLoader::paths);
  each(top, "host", &ConfigLoader::host);
  each(top, "cluster", &ConfigLoader::cluster);
  each(top, "application", &ConfigLoader::application);
  top.finish();
}

void ConfigLoader::once(TomlTable& top, const char* section, Read reader) {
  const toml::table* table = top.table(section);
  if (!table) return;
  TomlTable t(*table, top.file(), section, problems_);
  if (!once_.insert(section).second) {
    return t.problem(nullptr, "defined in more than one file");
  }
  (this->*reader)(t, section);
  t.finish();
}

void ConfigLoader::each(TomlTable& top, const char* kind, Read reader) {
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
                             "' is not a valid name: a lower-case letter, then "
                             "letters, digits and '-'");
      continue;
    }
    if (!places_.emplace(section, std::pair(top.file(), node.source().begin))
             .second) {
      t.problem(nullptr, "defined twice");
      continue;
    }
    (this->*reader)(t, name);
    t.finish();
  }
}

void ConfigLoader::console(TomlTable& t, const std::string&) {
  t.text("title", config_.title);
  t.text("url", config_.url, true);
  while (config_.url.ends_with('/')) config_.url.pop_back();
  t.texts("urls", config_.urls);
  const auto address = [&t](const char* key, const std::string& url) {
    if (t.has(key) && !origin_of(url)) {
      t.problem_at(key, "'" + printable(url, 100) +
                            "' must be http:// or https:// with a host and, "
                            "unless it is the default, a port");
    }
  };
  address("url", config_.url);
  for (const auto& url : config_.urls) address("urls", url);
  t.texts("virtual_hosts", config_.virtual_hosts);
  for (const auto& url : config_.virtual_hosts) address("virtual_hosts", url);
  t.duration("default_hold", config_.default_hold);
  t.duration("longest_hold", config_.longest_hold);
  if (config_.default_hold > config_.longest_hold) {
    t.problem(nullptr, "default_hold must not be longer than longest_hold");
  }
  t.texts("admins", config_.admins);
  std::string word = "lower";
  t.word("login_case", word, {"lower", "keep"});
  config_.lower_case_logins = word == "lower";
  console_realms(t);
  t.text("web_user", config_.web_user);
  t.texts("guest_from", config_.guest_from);
  for (const auto& pattern : config_.guest_from) {
    if (!is_address_pattern(pattern)) {
      t.problem_at("guest_from",
                   "'" + printable(pattern, 64) +
                       "' is not an address, network or address pattern");
    }
  }
  t.whole("web_processes", config_.web_processes, 2, 64);
  t.size("disk_floor", config_.disk_floor);
  t.duration("keep_logs", config_.keep_logs);
  t.whole("most_waiting", config_.most_waiting, 1, 1000);
  t.whole("most_a_minute", config_.most_a_minute, 1, 10000);
}

void ConfigLoader::console_realms(TomlTable& t) {
  const auto name = [&t](const char* key, const char* example,
                         std::string& into) {
    t.text(key, into);
    const bool good =
        into.find_first_not_of("abcdefghijklmnopqrstuvwxyz"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") ==
        std::string::npos;
    if (!good) {
      t.problem_at(key, std::string("must be a name such as \"") + example +
                            "\"");
    }
  };
  name("login_realm", "EXAMPLE.COM", config_.login_realm);
  name("login_domain", "EXAMPLE", config_.login_domain);
  if (config_.login_realm == "keep") config_.login_realm.clear();
  if (config_.login_realm == "strip") {
    t.problem_at("login_realm",
                 "\"strip\" would take every realm's alice for the same user; "
                 "set the realm whose users are Berth's, as in login_realm = "
                 "\"EXAMPLE.COM\"");
  }
  t.text("password_file", config_.password_file);
  if (!config_.password_file.empty() &&
      !config_.password_file.starts_with('/')) {
    t.problem_at("password_file", "must be an absolute path");
  }
}

void ConfigLoader::paths(TomlTable& t, const std::string&) {
  const auto folder = [&t](const char* key, std::string& into) {
    t.text(key, into);
    if (!into.starts_with('/')) t.problem_at(key, "must be an absolute path");
  };
  folder("spool", config_.paths.spool);
  folder("lib", config_.paths.lib);
  folder("log", config_.paths.log);
  folder("run", config_.paths.run);
  folder("cache", config_.paths.cache);
}

void ConfigLoader::host(TomlTable& t, const std::string& name) {
  HostConfig host;
  host.name = name;
  t.text("uri", host.uri, true);
  t.texts("servers", host.servers, true);
  if (const toml::table* aliases = t.table("aliases")) {
    std::set<std::string> taken;
    for (const auto& [domain, node] : *aliases) {
      const auto* server = node.as_string();
      if (!server || !is_server_name(server->get())) {
        t.problem(&node, "aliases: must be a server name: a lower-case "
                         "letter, then letters, digits and '-'");
      } else if (!taken.insert(server->get()).second) {
        t.problem(&node, "aliases: '" + server->get() + "' given twice");
      } else {
        host.aliases[std::string(domain.str())] = server->get();
      }
    }
  }
  if (const toml::table* deadline = t.table("deadline")) {
    TomlTable d(*deadline, t.file(), "host." + name + ".deadline", problems_);
    for (const char* step : {"power", "answer", "snapshot"}) {
      std::int64_t seconds = 0;
      d.duration(step, seconds);
      if (seconds > 0) host.deadline[step] = seconds;
    }
    d.finish();
  }
  host_images(t, host);
  config_.hosts[name] = host;
}

void ConfigLoader::host_images(TomlTable& t, HostConfig& host) {
  const toml::table* images = t.table("image");
  if (!images) return;
  for (const auto& [key, node] : *images) {
    const std::string name(key.str());
    if (!node.is_table() || !is_config_name(name)) {
      t.problem(&node, "image: '" + printable(name, 64) +
                           "' must be a table whose name is a lower-case "
                           "letter, then letters, digits and '-'");
      continue;
    }
    TomlTable v(*node.as_table(), t.file(),
                "host." + host.name + ".image." + name, problems_);
    ImageConfig image;
    image.name = name;
    v.text("pool", image.pool);
    v.text("volume", image.volume, true);
    v.text("network", image.network);
    // "test" is the domain type of libvirt's test driver.
    v.word("type", image.type, {"kvm", "qemu", "test"});
    v.size("memory", image.memory);
    v.whole("vcpus", image.vcpus, 1, 256);
    v.size("disk", image.disk);
    v.size("room", image.room);
    if (image.memory < (std::int64_t{64} << 20)) {
      v.problem_at("memory", "must be at least 64M");
    }
    v.finish();
    host.images[name] = image;
  }
}

// postgresql://USER:PASSWORD@HOST/...
static bool uri_has_password(const std::string& conninfo) {
  const auto begin = conninfo.find("://");
  if (begin == std::string::npos) return false;
  const auto end = conninfo.find('@', begin);
  return end != std::string::npos && conninfo.find(':', begin + 3) < end;
}

void ConfigLoader::cluster(TomlTable& t, const std::string& name) {
  ClusterConfig cluster;
  cluster.name = name;
  t.text("conninfo", cluster.conninfo, true);
  if (cluster.conninfo.find("password") != std::string::npos ||
      uri_has_password(cluster.conninfo)) {
    t.problem_at("conninfo", "contains a password, but everybody can read this "
                             "file; write it into ~berth/.pgpass");
  }
  t.flag("insecure", cluster.insecure);
  const ConninfoValues values = read_conninfo(cluster.conninfo);
  const std::string why = why_unverified(values);
  // The content of a service file is checked when the worker connects.
  if (!why.empty() && !cluster.insecure && !values.contains("service")) {
    t.problem_at("conninfo", why + "; add sslmode=verify-full and "
                             "sslrootcert=FILE, or insecure = true if nobody "
                             "can intercept the connection");
  }
  t.whole("copies", cluster.copies, 1, 64);
  t.size("disk_floor", cluster.disk_floor);
  t.whole("spares", cluster.spares, 0, 1000);
  config_.clusters[name] = cluster;
}

void ConfigLoader::whole_problem(const std::string& section, std::string text) {
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

void ConfigLoader::check_whole() {
  if (!once_.contains("console")) {
    whole_problem("console", "[console] is missing");
  }
  std::map<std::string, std::string> patterns;
  for (const auto& [name, a] : config_.applications) {
    const std::string section = "application." + name;
    if (a.cluster.empty()) continue;
    const auto cluster = config_.clusters.find(a.cluster);
    if (cluster == config_.clusters.end()) {
      whole_problem(section, "cluster: there is no [cluster." +
                                 printable(a.cluster, 64) + "]");
    } else if (!a.restore_user.empty()) {
      cluster->second.restore_users.push_back(a.restore_user);
    }
    const auto [other, fresh] =
        patterns.emplace(a.cluster + "/" + a.database, name);
    if (!fresh) {
      whole_problem(section, "database: [application." + other->second +
                                 "] has the same pattern");
      continue;
    }
    for (const auto& [before, b] : config_.applications) {
      if (before == name) break;
      if (b.cluster != a.cluster || b.database == a.database) continue;
      const std::string common = common_database(config_, a, b);
      if (common.empty()) continue;
      whole_problem(section,
                    "database: [application." + before + "] could also have " +
                        common + "; set another pattern, or other `servers` "
                        "in one of them");
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
  ConfigLoader loader(config, problems);
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
