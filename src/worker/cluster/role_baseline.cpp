// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/cluster/role_baseline.hpp"

#include <set>

#include "base/atomic_file.hpp"
#include "base/json.hpp"
#include "base/name.hpp"

namespace berth::worker {
namespace {

constexpr std::size_t kLargestBaseline = 4 << 20;
constexpr std::size_t kMostEntries = 8;
constexpr std::size_t kMostBaselines = 200;
constexpr std::int64_t kBaselineVersion = 2;
constexpr const char* kBaselineSuffix = ".roles.json";

std::string text_of(const json::value& in, const char* member) {
  return std::string(in.at(member).as_string());
}

RoleFact fact_from(const std::string& key, const json::value& in,
                   std::int64_t version) {
  RoleFact out;
  if (version == 1) {
    const json::array& all = in.as_array();
    std::string* const into[] = {&out.value, &out.shown, &out.restore,
                                 &out.remove};
    for (std::size_t i = 0; i < std::size(into); ++i) {
      *into[i] = std::string(all.at(i).as_string());
    }
    out.shown = without_values(key, out.shown);
    return out;
  }
  out.value = text_of(in, "value");
  out.shown = without_values(key, text_of(in, "shown"));
  out.restore = text_of(in, "restore");
  out.remove = text_of(in, "remove");
  for (const json::value& role : in.at("roles").as_array()) {
    out.roles.emplace_back(role.as_string());
  }
  if (!in.at("database").is_null()) out.database = text_of(in, "database");
  return out;
}

BaselineEntry entry_from(const json::value& in, std::int64_t version) {
  BaselineEntry out;
  out.system = text_of(in, "system");
  out.owner = text_of(in, "owner");
  out.login = text_of(in, "login");
  for (const auto& [key, fact] : in.at("facts").as_object()) {
    out.facts[std::string(key)] = fact_from(std::string(key), fact, version);
  }
  return out;
}

json::value entry_to_json(const BaselineEntry& entry) {
  json::object facts;
  for (const auto& [key, fact] : entry.facts) {
    facts[key] = {{"value", fact.value},
                  {"shown", fact.shown},
                  {"restore", fact.restore},
                  {"remove", fact.remove},
                  {"roles", json::array(fact.roles.begin(), fact.roles.end())},
                  {"database", text_or_null(fact.database)}};
  }
  return {{"system", entry.system},
          {"owner", entry.owner},
          {"login", entry.login},
          {"facts", std::move(facts)}};
}

BaselineEntries entries_in(const Dir& cache, const std::string& name) {
  const auto text = cache.read(name, kLargestBaseline);
  if (!text) return {};
  try {
    const json::value all = parse_json(*text);
    const std::int64_t version = all.at("version").as_int64();
    if (version == 1) return {entry_from(all, version)};
    if (version != kBaselineVersion) {
      throw NewerFormat("roles: ", version, kBaselineVersion);
    }
    BaselineEntries out;
    for (const json::value& entry : all.at("entries").as_array()) {
      out.push_back(entry_from(entry, version));
    }
    return out;
  } catch (const std::exception& e) {
    throw Error("read", cache.path_of(name),
                std::string(e.what()) +
                    "; it records roles as they were before a dump was "
                    "restored; remove it if no role was changed since");
  }
}

// The memberships that berth.conf requires on the cluster.
std::set<std::string> memberships_asked_for(const Cluster& cluster,
                                            const Config& config) {
  std::set<std::string> out;
  for (const auto& [name, application] : config.applications) {
    if (application.cluster != cluster.config().name) continue;
    const std::string& owner = application.owner;
    const std::string& user = application.restore_user;
    out.insert(membership_key(cluster, owner, cluster.role()));
    if (user.empty()) continue;
    out.insert(membership_key(cluster, owner, user));
    out.insert(membership_key(cluster, user, cluster.role()));
  }
  return out;
}

}  // namespace

std::string RoleBaseline::name() const {
  return application_ + kBaselineSuffix;
}

void RoleBaseline::write(const Dir& cache,
                         const BaselineEntries& entries) const {
  // Removes what a killed worker left; there is no other writer.
  for (const std::string& file : cache.names()) {
    if (file.starts_with("." + name() + ".")) cache.unlink(file);
  }
  if (entries.empty()) {
    cache.unlink(name());
    return;
  }
  json::array all;
  for (const BaselineEntry& entry : entries) {
    all.push_back(entry_to_json(entry));
  }
  const std::string text = json::serialize(json::object{
      {"version", kBaselineVersion}, {"entries", std::move(all)}});
  if (text.size() > kLargestBaseline) {
    throw Error("write", cache.path_of(name()),
                "settings and memberships of roles exceed 4 MiB");
  }
  write_durably(cache, name(), text, 0600);
}

void RoleBaseline::keep(const RoleWatch& watch) const {
  const Dir cache(cache_);
  BaselineEntry made = {watch.cluster().expected_system(), watch.owner(),
                        watch.login(), watch.before()};
  // Facts that refuse nothing are left out: anybody with the owner's password
  // can write more of them than a file may contain.
  std::erase_if(made.facts,
                [&](const auto& fact) { return !watch.refuses(fact.first); });
  BaselineEntries all = entries_in(cache, name());
  std::erase_if(all, [&](const BaselineEntry& entry) {
    return entry.system == made.system && entry.owner == made.owner &&
           entry.login == made.login;
  });
  all.push_back(made);
  if (all.size() > kMostEntries) all.erase(all.begin());
  write(cache, all);
}

void RoleBaseline::forget(const Cluster& cluster, const std::string& owner,
                          const std::string& login) const {
  const Dir cache(cache_);
  BaselineEntries all = entries_in(cache, name());
  std::erase_if(all, [&](const BaselineEntry& entry) {
    return entry.system == cluster.expected_system() &&
           entry.owner == owner && entry.login == login;
  });
  write(cache, all);
}

void RoleBaseline::require_undone(Cluster& cluster, const Config& config,
                                  const std::string& login) const {
  const Dir cache(cache_);
  const auto may_be = memberships_asked_for(cluster, config);
  const BaselineEntries all = entries_in(cache, name());
  BaselineEntries left;
  for (const BaselineEntry& entry : all) {
    if (entry.system != cluster.expected_system()) {
      left.push_back(entry);
      continue;
    }
    const RoleWatch watch(cluster, entry.owner, entry.login, entry.facts,
                          may_be, login);
    const std::string changed = watch.sentence();
    if (!changed.empty()) {
      throw Error("refresh", "roles of " + application_,
                  "they differ from what they were before an earlier refresh, "
                  "whose dump changed them unless an administrator did: " +
                      changed + "; if it was an administrator, remove " +
                      cache.path_of(name()) + ", which records their former "
                      "state");
    }
  }
  if (left.size() < all.size()) write(cache, left);
  require_undone_of_others(cache, cluster, config, login);
}

void RoleBaseline::require_undone_of_others(const Dir& cache, Cluster& cluster,
                                            const Config& config,
                                            const std::string& login) const {
  const std::set<std::string> roles = {
      login, config.applications.at(application_).owner};
  const auto may_be = memberships_asked_for(cluster, config);
  std::size_t files = 0;
  for (const std::string& file : cache.names()) {
    if (!file.ends_with(kBaselineSuffix) || file == name()) continue;
    const std::string other =
        file.substr(0, file.size() - std::string(kBaselineSuffix).size());
    if (!is_application_name(other)) continue;
    if (++files > kMostBaselines) {
      throw Error("refresh", "roles of " + application_,
                  "there are more than " + std::to_string(kMostBaselines) +
                      " files APP.roles.json in " + cache.path() +
                      "; remove those of applications that are no longer in "
                      "berth.conf");
    }
    for (const BaselineEntry& entry : entries_in(cache, file)) {
      if (entry.system != cluster.expected_system() ||
          (!roles.contains(entry.owner) && !roles.contains(entry.login))) {
        continue;
      }
      const RoleWatch watch(cluster, entry.owner, entry.login, entry.facts,
                            may_be, login);
      const std::string changed = watch.sentence();
      if (changed.empty()) continue;
      throw Error("refresh", "roles of " + application_,
                  "a refresh of " + other + ", which may be running, uses one "
                  "of them too, and its roles differ from what they were "
                  "before it; its dump changed them unless an administrator "
                  "did: " + changed + "; if it was an administrator, and no "
                      "refresh of " + other + " is running, remove " +
                      cache.path_of(file) + ", which records their former "
                      "state");
    }
  }
}

}  // namespace berth::worker
