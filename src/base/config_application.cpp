// SPDX-License-Identifier: GPL-2.0-or-later
// [application.NAME] and its tables: verify, set, deadline.
#include "base/config_loader.hpp"
#include "base/name.hpp"
#include "base/text.hpp"

namespace berth {
namespace {

constexpr std::int64_t kShortestUndo = 60;  // seconds

}  // namespace

void ConfigLoader::application(TomlTable& t, const std::string& name) {
  ApplicationConfig a;
  a.name = name;
  const toml::source_position at = t.raw().source().begin;
  a.place = t.file() + ":" + std::to_string(at.line) + ":" +
            std::to_string(at.column);
  t.text("repository", a.repository, true);
  while (a.repository.ends_with('/')) a.repository.pop_back();
  t.word("kind", a.kind, {"svn", "git"}, true);
  t.text("root", a.root, true);
  if (t.has("root") &&
      (!a.root.starts_with('/') || a.root.size() < 2 ||
       a.root.find("..") != std::string::npos)) {
    t.problem_at("root", "must be an absolute path other than /");
  }
  application_data(t, a);
  t.texts("shared", a.shared);
  for (const auto& folder : a.shared) {
    if (refuse_path("svn", folder)) {
      t.problem_at("shared", "'" + printable(folder, 64) +
                                 "' is not a path inside a checkout");
    }
  }
  t.text("url", a.url);
  a.paths = {"trunk", "branches/*", "tags/*"};
  t.texts("paths", a.paths);
  a.servers = {"*"};
  t.texts("servers", a.servers);
  application_verify(t, a);
  application_set(t, a);
  application_deadlines(t, a);
  config_.applications[name] = a;
}

void ConfigLoader::application_data(TomlTable& t, ApplicationConfig& a) {
  t.text("cluster", a.cluster);
  t.text("database", a.database);
  t.text("owner", a.owner);
  t.text("restore_user", a.restore_user);
  t.text("dump", a.dump);
  t.whole("spares", a.spares, 0, 100);
  t.whole("generations", a.generations, 1, 20);
  t.texts("skip_data", a.skip_data);
  t.texts("foreign_tables", a.foreign_tables);
  t.flag("require_assertions", a.require_assertions);
  t.whole("restore_jobs", a.restore_jobs, 1, 16);
  t.whole("size_least", a.size_least, 0, 100);
  t.whole("size_most", a.size_most, 100, 100000);
  t.duration("undo", a.undo);
  t.duration("longest_undo", a.longest_undo);
  if (a.undo < kShortestUndo) {
    t.problem_at("undo", "must be at least 1m: an undo is accepted only while "
                         "its database is kept half a minute longer");
  } else if (a.longest_undo < a.undo) {
    t.problem(nullptr, "longest_undo must not be shorter than undo");
  }
  if (!a.dump.empty() && refuse_dump(a.dump)) {
    t.problem_at("dump", *refuse_dump(a.dump));
  }
  if (a.cluster.empty()) {
    if (!a.database.empty() || !a.owner.empty() || !a.restore_user.empty()) {
      t.problem(nullptr, "database, owner and restore_user require a cluster");
    }
    return;
  }
  if (a.database.empty()) t.problem(nullptr, "database is missing");
  if (a.owner.empty()) {
    t.problem(nullptr, "owner is missing: the role that owns the databases");
  } else if (!is_database_name(a.owner)) {
    t.problem_at("owner", "must be a lower-case role name");
  }
  if (!a.restore_user.empty() && (!is_database_name(a.restore_user) ||
                                  a.restore_user == a.owner)) {
    t.problem_at("restore_user", "must be a lower-case role name and differ "
                                 "from owner, whose password is on the "
                                 "servers");
  }
  // 31 bytes is the longest server name; the result must be a valid name.
  const std::string longest(31, 'x');
  if (!a.database.empty() &&
      (a.database.find("{server}") == std::string::npos ||
       !is_database_name(a.database_on(longest)) ||
       a.database.starts_with("berth_"))) {
    t.problem_at("database", "must contain {server} and otherwise lower-case "
                             "letters, digits and '_', at most 63 bytes with "
                             "a server of 31, and not start with berth_");
  }
}

void ConfigLoader::application_verify(TomlTable& t, ApplicationConfig& a) {
  const toml::table* verify = t.table("verify");
  if (!verify) return;
  TomlTable v(*verify, t.file(), "application." + a.name + ".verify",
              problems_);
  VerifyConfig out;
  v.text("path", out.path);
  if (!out.path.starts_with('/')) v.problem_at("path", "must start with /");
  v.whole("status", out.status, 100, 599);
  v.text("contains", out.contains);
  v.duration("timeout", out.timeout);
  v.text("ca", out.ca);
  v.flag("insecure", out.insecure);
  if (a.url.empty()) v.problem(nullptr, "requires the application's url");
  if (v.has("ca") && !out.ca.starts_with('/')) {
    v.problem_at("ca", "must be the absolute path of a file");
  }
  if (v.has("ca") && out.insecure) {
    v.problem_at("insecure", "must not be set together with ca: either the "
                             "certificate is verified against ca, or not at "
                             "all");
  }
  for (const char* key : {"ca", "insecure"}) {
    if (v.has(key) && !lower(a.url).starts_with("https://")) {
      v.problem_at(key, "requires a url that starts with https://");
    }
  }
  v.finish();
  a.verify = out;
}

void ConfigLoader::application_set(TomlTable& t, ApplicationConfig& a) {
  const toml::table* set = t.table("set");
  if (!set) return;
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

void ConfigLoader::application_deadlines(TomlTable& t, ApplicationConfig& a) {
  const toml::table* deadline = t.table("deadline");
  if (!deadline) return;
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

}  // namespace berth
