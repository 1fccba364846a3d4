// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/accounts.hpp"

#include <algorithm>
#include <array>
#include <filesystem>

namespace berth {
namespace {

constexpr std::array kOfOthers = {"root", "berth", "berth-filter", "nobody",
                                  "nogroup"};

bool names(const Accounts& a, const Accounts& b) {
  return std::find(a.together.begin(), a.together.end(), b.application) !=
         a.together.end();
}

bool is_inside(const Accounts& a, const Accounts& b) {
  return (a.root + "/").starts_with(b.root + "/");
}

bool has(const Accounts& a, const std::string& name) {
  return !name.empty() && (a.user == name || a.group == name);
}

std::optional<std::string> clash(const Accounts& a, const Accounts& b) {
  const std::string both = a.application + " and " + b.application;
  if (is_inside(a, b) || is_inside(b, a)) {
    return both + ": the root of one is in that of the other";
  }
  if (names(a, b) && names(b, a)) return std::nullopt;
  for (const std::string& name : {b.user, b.group}) {
    if (!has(a, name)) continue;
    return both + " both have the user or group " + name +
           ", so that each can read the secrets of the other: give each its "
           "own, or name each in \"together\" of the other";
  }
  if (has(a, "www-data") || has(b, "www-data")) {
    return both + ": www-data is the account of Apache, so that each site can "
           "read what is its own: give each application its own user and "
           "group, or name each in \"together\" of the other";
  }
  return std::nullopt;
}

}  // namespace

Accounts accounts_of(const ApplicationConfig& application,
                     const json::object& part) {
  Accounts out;
  out.application = application.name;
  const std::filesystem::path root = application.root + "/.";
  out.root = root.lexically_normal().string();
  while (out.root.size() > 1 && out.root.ends_with('/')) out.root.pop_back();
  out.user = string_or(part, "user", "");
  out.group = string_or(part, "group", "");
  if (out.group.empty()) out.group = out.user;
  if (const json::array* together = if_array(part, "together")) {
    for (const auto& name : *together) {
      if (name.is_string()) out.together.emplace_back(name.as_string());
    }
  }
  return out;
}

std::optional<std::string> clash_among(const std::vector<Accounts>& all) {
  for (const Accounts& each : all) {
    for (const std::string& name : {each.user, each.group}) {
      if (std::find(kOfOthers.begin(), kOfOthers.end(), name) ==
          kOfOthers.end()) {
        continue;
      }
      return "applications." + each.application + ": " + name +
             " cannot be the user or group of an application: other programs "
             "have it";
    }
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (auto why = clash(all[j], all[i])) return why;
    }
  }
  return std::nullopt;
}

}  // namespace berth
