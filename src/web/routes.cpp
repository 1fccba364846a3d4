// SPDX-License-Identifier: GPL-2.0-or-later
#include "web/routes.hpp"

#include <algorithm>
#include <set>
#include <string_view>

#include "base/name.hpp"
#include "base/text.hpp"
#include "web/handlers.hpp"

namespace berth::web {
namespace {

constexpr Route kRoutes[] = {
    {"GET", "servers", "", false, servers},
    {"POST", "servers", "", true, provision},
    {"GET", "servers/{server}", "", false, server},
    {"GET", "servers/{server}/history", "limit before", false, history},
    {"PUT", "servers/{server}/reservation", "", true, reserve},
    {"DELETE", "servers/{server}/reservation", "", true, release},
    {"POST", "servers/{server}/builds", "", true, build_on_server},
    {"POST", "servers/{server}/previews", "", true, preview_on_server},
    {"POST", "servers/{server}/checks", "", true, check_server},
    {"POST", "builds", "", true, build_anywhere},
    {"POST", "servers/{server}/undo", "", true, undo},
    {"PUT", "servers/{server}/undo", "", true, keep},
    {"POST", "servers/{server}/power", "", true, power},
    {"GET", "servers/{server}/snapshots", "", false, snapshots},
    {"POST", "servers/{server}/snapshots", "", true, take_snapshot},
    {"POST", "servers/{server}/snapshots/{snapshot}/revert", "", true,
     revert_snapshot},
    {"DELETE", "servers/{server}/snapshots/{snapshot}", "", true,
     delete_snapshot},
    {"GET", "jobs", "state", false, jobs},
    {"GET", "jobs/{job}", "", false, job},
    {"GET", "jobs/{job}/log", "from", false, job_log},
    {"GET", "jobs/{job}/result", "", false, job_result},
    {"GET", "jobs/{job}/preview", "", false, job_preview},
    {"DELETE", "jobs/{job}", "", true, cancel_job},
    {"GET", "drops/{token}", "", false, drop},
    {"GET", "applications", "", false, applications},
    {"GET", "applications/{application}/paths", "prefix", false, paths},
    {"GET", "applications/{application}/history", "limit before", false,
     application_history},
    {"POST", "applications/{application}/refresh", "", true, refresh},
    {"GET", "hosts", "", false, hosts},
    {"GET", "clusters", "", false, clusters},
    {"GET", "queue", "", false, queue},
    {"GET", "me", "", true, me},
    {"GET", "health", "", false, health},
};

// Numbers as in names of job files: no sign, no leading zero.
bool is_job_number(std::string_view text) {
  return !text.empty() && text.size() <= 15 && text[0] != '0' &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= '0' && c <= '9'; });
}

bool is_a(std::string_view kind, std::string_view text) {
  if (kind == "{server}") return is_server_name(text);
  if (kind == "{application}") return is_application_name(text);
  if (kind == "{job}") return is_job_number(text);
  if (kind == "{token}") return is_token(text);
  if (kind == "{snapshot}") return !refuse_snapshot(text);
  return false;
}

std::string_view next_segment(std::string_view& rest) {
  const std::size_t end = std::min(rest.find('/'), rest.size());
  const std::string_view segment = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return segment;
}

// Copies nothing, because it is called for each route of each request.
bool matches(std::string_view pattern, std::string_view path,
             std::vector<std::string>& names) {
  names.clear();
  if (std::count(pattern.begin(), pattern.end(), '/') !=
      std::count(path.begin(), path.end(), '/')) {
    return false;
  }
  while (!pattern.empty()) {
    const std::string_view part = next_segment(pattern);
    const std::string_view segment = next_segment(path);
    if (part.front() != '{') {
      if (part != segment) return false;
    } else if (is_a(part, segment)) {
      names.emplace_back(segment);
    } else {
      return false;
    }
  }
  return true;
}

void check_query(const Route& route, const Request& request) {
  if (request.query.empty()) return;
  const auto known = split(route.query, ' ');
  for (const auto& [name, value] : request.query) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const std::string shown = printable(name, 64);
    refuse_member(shown, "unknown query parameter '" + shown + "'" +
                             (*route.query
                                  ? "; known parameters: " + join(known, ", ")
                                  : "; this route has no parameters"));
  }
}

}  // namespace

const Route& find_route(Request& request) {
  std::string_view path = request.path;
  const bool absolute = path.starts_with('/');
  if (absolute) path.remove_prefix(1);
  std::set<std::string> allowed;
  for (const Route& route : kRoutes) {
    if (!absolute || !matches(route.pattern, path, request.names)) continue;
    if (request.method == route.method) {
      check_query(route, request);
      return route;
    }
    allowed.insert(route.method);
  }
  if (allowed.empty()) {
    throw Problem(404, "there is no resource '" +
                           printable(request.path, 100) +
                           "'; berth.fcgi(8) lists all resources");
  }
  if (allowed.contains("GET")) allowed.insert("HEAD");
  const std::string allow = join({allowed.begin(), allowed.end()}, ", ");
  throw Problem(405,
                "'" + printable(request.method, 20) +
                    "' is not allowed here; allowed: " + allow,
                {}, {{"Allow", allow}});
}

}  // namespace berth::web
