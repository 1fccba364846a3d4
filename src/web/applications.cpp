// SPDX-License-Identifier: GPL-2.0-or-later
// GET /applications, /applications/A/paths?prefix=; POST
// /applications/A/refresh {again}: a new base from the application's dump.
#include "model/job.hpp"
#include "web/body.hpp"
#include "web/handlers.hpp"
#include "web/resource.hpp"
#include "web/submission.hpp"

namespace berth::web {
namespace {

constexpr std::size_t kSuggestions = 200;

}  // namespace

Reply applications(const Request& request, Console& console) {
  return published_list(request, console, "applications.json", "applications",
                        {{"APPLICATION", "/name"},
                         {"KIND", "/kind"},
                         {"REPOSITORY", "/repository"},
                         {"CLUSTER", "/cluster"},
                         {"NEWEST", "/bases/0/generation"},
                         {"DATA", "/bases/0/data_at"},
                         {"SPARES", "/spares"},
                         {"WANTED", "/spares_wanted"},
                         {"REFRESH", "/last_refresh/outcome"},
                         {"AT", "/last_refresh/at"},
                         {"RUNNING", "/refresh/id"},
                         {"FRESH", "/fresh"},
                         {"DETAIL", "/last_refresh/detail"}});
}

// The branches and tags that the chore `paths` last found, of those that start
// with the prefix; at most kSuggestions, with `truncated` true if there are
// more.
Reply paths(const Request& request, Console& console) {
  const std::string& name = request.names[0];
  if (!console.config().applications.contains(name)) {
    throw Problem(404, "there is no application '" + name + "'");
  }
  const auto given = request.query.find("prefix");
  const std::string prefix =
      given == request.query.end() ? "" : given->second;
  json::object body = {{"application", name},
                       {"as_of", nullptr},
                       {"paths", json::array()},
                       {"truncated", false}};
  const std::string file = "applications/" + name + ".paths.json";
  if (const auto published = console.state().read_json(file)) {
    body = published->as_object();
  }
  json::array kept;
  bool truncated = body.at("truncated") == true;
  for (const auto& item : body.at("paths").as_array()) {
    const std::string_view path = item.at("path").as_string();
    if (!path.starts_with(prefix)) continue;
    if (kept.size() == kSuggestions) {
      truncated = true;
      break;
    }
    kept.push_back(item);
  }
  body["paths"] = std::move(kept);
  body["truncated"] = truncated;
  return made_list(request, body, "paths",
                   {{"PATH", "/path"},
                    {"REVISION", "/revision"},
                    {"AT", "/at"},
                    {"AUTHOR", "/author"}});
}

Reply refresh(const Request& request, Console& console) {
  const json::object body =
      read_optional_body(request, {{"again", FieldType::boolean}});
  const RefreshArguments refresh =
      asked([&body] { return arguments_from<RefreshArguments>(body); });
  return submit(request, console,
                {"refresh", request.names[0], to_json(refresh)});
}

}  // namespace berth::web
