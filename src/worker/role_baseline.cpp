// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/role_baseline.hpp"

#include "base/atomic_file.hpp"
#include "base/json.hpp"

namespace berth::worker {
namespace {

constexpr std::size_t kLargestBaseline = 4 << 20;
constexpr std::int64_t kBaselineVersion = 1;

RoleFact fact_from(const json::value& in) {
  const json::array& all = in.as_array();
  const auto text = [&](std::size_t i) {
    return std::string(all.at(i).as_string());
  };
  return {text(0), text(1), text(2), text(3)};
}

// What is in a file of this cluster and these roles.
std::optional<RoleFacts> facts_in(const std::string& text,
                                  const std::string& system,
                                  const std::string& owner,
                                  const std::string& login) {
  try {
    const json::value all = parse_json(text);
    if (all.at("version") != json::value(kBaselineVersion) ||
        all.at("system") != json::value(system) ||
        all.at("owner") != json::value(owner) ||
        all.at("login") != json::value(login)) {
      return std::nullopt;
    }
    RoleFacts out;
    for (const auto& [key, fact] : all.at("facts").as_object()) {
      out[std::string(key)] = fact_from(fact);
    }
    return out;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

}  // namespace

void RoleBaseline::keep(const RoleWatch& watch) const {
  json::object facts;
  for (const auto& [key, fact] : watch.before()) {
    facts[key] =
        json::array{fact.value, fact.shown, fact.restore, fact.remove};
  }
  const json::object all = {{"version", kBaselineVersion},
                            {"system", watch.cluster().expected_system()},
                            {"owner", watch.owner()},
                            {"login", watch.login()},
                            {"facts", std::move(facts)}};
  write_durably(Dir(cache_), name(), json::serialize(all), 0600);
}

void RoleBaseline::forget() const { Dir(cache_).unlink(name()); }

void RoleBaseline::require_undone(Cluster& cluster, const std::string& owner,
                                  const std::string& login) const {
  const Dir cache(cache_);
  const auto text = cache.read(name(), kLargestBaseline);
  if (!text) return;
  auto facts = facts_in(*text, cluster.expected_system(), owner, login);
  if (facts) {
    const RoleWatch watch(cluster, owner, login, "", std::move(*facts));
    const std::string changed = watch.sentence();
    if (!changed.empty()) {
      throw Error("refresh", "roles of " + application_,
                  "they are not what they were before an earlier refresh, "
                  "whose dump changed them unless an administrator did: " +
                      changed + "; where it was an administrator, remove " +
                      cache.path_of(name()));
    }
  }
  forget();
}

}  // namespace berth::worker
