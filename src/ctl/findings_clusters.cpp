// SPDX-License-Identifier: GPL-2.0-or-later
// check_clusters() of ctl/findings.hpp. Nothing is connected to: what two names
// of one machine hide, the pinned system identifiers show (berthctl doctor).
#include <algorithm>
#include <map>

#include "base/conninfo.hpp"
#include "base/text.hpp"
#include "ctl/findings.hpp"

namespace berth::ctl {
namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

// One word for each way to say the same.
std::string one_name(std::string host) {
  if (host.empty() || host == "/run/postgresql") return "/var/run/postgresql";
  if (host.starts_with('/')) return host;
  host = lower(host);
  while (host.ends_with('.')) host.pop_back();
  return host == "127.0.0.1" || host == "::1" ? "localhost" : host;
}

// HOST:PORT of each server that a conninfo leads to; none where a service file
// decides.
std::vector<std::string> addresses(const std::string& conninfo) {
  const ConninfoValues values = read_conninfo(conninfo);
  const auto list = [&](const char* keyword) {
    const auto found = values.find(keyword);
    return found == values.end() ? std::vector<std::string>{}
                                 : split(found->second, ',');
  };
  const auto hosts = list("host"), numbers = list("hostaddr"),
             ports = list("port");
  if (hosts.empty() && numbers.empty() && values.contains("service")) return {};
  std::vector<std::string> out;
  const std::size_t count =
      std::max<std::size_t>({1, hosts.size(), numbers.size()});
  for (std::size_t i = 0; i < count; ++i) {
    std::string port = ports.size() == 1 ? ports[0]
                       : i < ports.size() ? ports[i]
                                          : "";
    if (port.empty()) port = "5432";
    // An address is where it goes; the name is then what is checked.
    const bool has_number = i < numbers.size() && !numbers[i].empty();
    out.push_back(one_name(has_number          ? numbers[i]
                           : i < hosts.size() ? hosts[i]
                                              : "") +
                  ":" + port);
  }
  return out;
}

}  // namespace

Findings check_clusters(const Config& config) {
  Findings out;
  std::map<std::string, std::string> first;  // address to cluster
  for (const auto& [name, cluster] : config.clusters) {
    for (const std::string& address : addresses(cluster.conninfo)) {
      const auto [other, fresh] = first.emplace(address, name);
      if (fresh || other->second == name) continue;
      out.push_back({true, config.file + ": [cluster." + name +
                               "] and [cluster." + other->second +
                               "] both lead to " + address +
                               ", and each would take the other's databases "
                               "for orphans; correct the conninfo that is "
                               "wrong, or remove one of the two sections"});
      break;
    }
  }
  return out;
}

}  // namespace berth::ctl
