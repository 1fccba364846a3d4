// SPDX-License-Identifier: GPL-2.0-or-later
// GET /servers/S/history, /applications/A/history: the lines of history/S.jsonl
// and history/applications/A.jsonl, newest first, unchanged. A server or an
// application that no longer exists keeps its history.
#include "store/history.hpp"

#include <limits>

#include "web/handlers.hpp"
#include "web/resource.hpp"

namespace berth::web {
namespace {

constexpr std::int64_t kUsual = 50;
constexpr std::int64_t kMostEntries = 500;

const Columns kServerColumns = {{"SEQ", "/seq"},
                                {"AT", "/at"},
                                {"EVENT", "/event"},
                                {"USER", "/user"},
                                {"JOB", "/cause/job"},
                                {"PATH", "/configuration/path"},
                                {"REVISION", "/configuration/revision"},
                                {"DATA",
                                 "/configuration/database/data_at"},
                                {"DETAIL", "/detail"}};

const Columns kApplicationColumns = {{"SEQ", "/seq"},
                                     {"AT", "/at"},
                                     {"EVENT", "/event"},
                                     {"USER", "/user"},
                                     {"JOB", "/cause/job"},
                                     {"FAILED IN", "/job/failed_step"},
                                     {"DETAIL", "/detail"}};

// An unreadable line hides no other: it is shown by its number, which
// read_history() found at its start, and without the rest of it.
json::value line_of(const std::string& raw) {
  try {
    json::value line = parse_json(raw);
    history_line_from_json(line);
    return line;
  } catch (const JsonError&) {
    constexpr std::size_t kFront = 7;  // {"seq":
    return {{"seq", std::stoll(raw.substr(kFront))},
            {"at", nullptr},
            {"event", "unreadable"},
            {"user", ""},
            {"detail", "this line of the history cannot be read; see berthd's "
                       "log"},
            {"cause", {{"job", nullptr}}},
            {"hold", nullptr},
            {"configuration", nullptr}};
  }
}

// `kind` is the word for the subject: "server", "application".
Reply lines_of(const Request& request, const Dir& dir, const char* kind,
               const Columns& columns) {
  const std::string& subject = request.names[0];
  const auto limit = static_cast<std::size_t>(
      query_number(request, "limit", kUsual, 1, kMostEntries));
  std::optional<std::int64_t> before;
  if (request.query.contains("before")) {
    before = query_number(request, "before", 0, 1,
                          std::numeric_limits<std::int64_t>::max());
  }
  // One more than requested, to know whether there are older ones.
  auto lines = read_history(dir, subject, limit + 1, before);
  const bool more = lines.size() > limit;
  if (more) lines.resize(limit);
  json::array parsed;
  for (const auto& line : lines) parsed.push_back(line_of(line));
  json::value older = nullptr;
  if (more) older = parsed.back().at("seq");
  return made_list(request,
                   {{kind, subject},
                    {"lines", std::move(parsed)},
                    {"before", older}},
                   "lines", columns);
}

}  // namespace

Reply history(const Request& request, Console& console) {
  const std::string& server = request.names[0];
  const Dir dir(console.layout().history);
  if (!dir.exists(server + ".jsonl") &&
      !console.state().read("server/" + server + ".json")) {
    throw Problem(404, "there is no server '" + server + "'");
  }
  return lines_of(request, dir, "server", kServerColumns);
}

Reply application_history(const Request& request, Console& console) {
  const std::string& name = request.names[0];
  const Dir dir(console.layout().application_history);
  if (!dir.exists(name + ".jsonl") &&
      !console.config().applications.contains(name)) {
    throw Problem(404, "there is no application '" + name + "'");
  }
  return lines_of(request, dir, "application", kApplicationColumns);
}

}  // namespace berth::web
