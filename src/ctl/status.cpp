// SPDX-License-Identifier: GPL-2.0-or-later
// berthctl status: prints the published state. The state is a cache that berthd
// and its children write, so this works while they do not run, and then prints
// when berthd last reported.
#include <cstdio>

#include "base/clock.hpp"
#include "base/table.hpp"
#include "ctl/command.hpp"
#include "store/layout.hpp"
#include "store/state.hpp"

namespace berth::ctl {
namespace {

// berthd's heartbeat is every two seconds.
constexpr std::int64_t kSilentSeconds = 10;

struct Section {
  const char* file;
  const char* member;
  Columns columns;
};

const std::vector<Section>& sections() {
  static const std::vector<Section> all = {
      {"hosts.json",
       "hosts",
       {{"HOST", "/name"},
        {"CONNECTED", "/connected"},
        {"FRESH", "/fresh"},
        {"SERVERS", "/servers"},
        {"AS OF", "/as_of"},
        {"REASON", "/reason"}}},
      {"clusters.json",
       "clusters",
       {{"CLUSTER", "/name"},
        {"REACHABLE", "/reachable"},
        {"FRESH", "/fresh"},
        {"BASES", "/bases"},
        {"SPARES", "/spares"},
        {"TRASH", "/trash"},
        {"FORMER", "/former"},
        {"ORPHANS", "/orphans", "name"},
        {"AS OF", "/as_of"},
        {"REASON", "/reason"},
        {"PROBLEMS", "/problems"}}},
      {"applications.json",
       "applications",
       {{"APPLICATION", "/name"},
        {"CLUSTER", "/cluster"},
        {"NEWEST", "/bases/0/generation"},
        {"DATA", "/data_at"},
        {"SPARES", "/spares"},
        {"WANTED", "/spares_wanted"},
        {"REFRESH", "/last_refresh/outcome"},
        {"AT", "/last_refresh/at"},
        {"RUNNING", "/refresh/id"},
        {"DETAIL", "/last_refresh/detail"}}},
      {"servers.json",
       "servers",
       {{"SERVER", "/name"},
        {"HOST", "/host"},
        {"STATE", "/state"},
        {"FRESH", "/fresh"},
        {"HELD BY", "/hold/user"},
        {"UNTIL", "/hold/until"},
        {"APPLICATION", "/configuration/application"},
        {"PATH", "/configuration/path"},
        {"REVISION", "/configuration/revision"},
        {"JOB", "/job/id"},
        {"PROBLEM", "/problem"}}},
      {"queue.json",
       "jobs",
       {{"JOB", "/id"},
        {"KIND", "/kind"},
        {"STATE", "/state"},
        {"STEP", "/step"},
        {"SERVER", "/server"},
        {"USER", "/user"},
        {"WAITS FOR", "/waits_for/claim"},
        {"HELD BY", "/waits_for/holder"}}}};
  return all;
}

// One line: whether berthd runs, and if not, since when.
std::string runner_line(const State& state) {
  const auto health = state.read_json("health.json");
  if (!health) return "berthd  away: it has never run";
  const std::string as_of = cell(*health, "/as_of");
  const auto at = parse_rfc3339(as_of);
  std::string line = "berthd  up, as of ";
  const std::string pid = cell(*health, "/pid");
  if (cell(*health, "/runner") != "up" || !at ||
      wall_now() - *at > kSilentSeconds) {
    line = "berthd  away, last reported at ";
  }
  line += as_of;
  if (pid != "-") line += ", pid " + pid;
  if (cell(*health, "/draining") == "true") {
    line += "; draining: no new jobs are accepted";
  }
  const std::string detail = cell(*health, "/detail");
  return detail == "-" ? line : line + "; " + detail;
}

void print_section(const State& state, const Section& section) {
  const auto body = state.read_json(section.file);
  const json::array* list = body ? if_array(*body, section.member) : nullptr;
  if (!list) {
    std::printf("\n%s: not published yet\n", section.file);
    return;
  }
  std::printf("\n%s", table(*list, section.columns).c_str());
}

}  // namespace

int status(const Context& context, const Words& words) {
  if (!words.empty()) throw UsageError("status takes no words");
  const Config config = load_config(context.config_file);
  const State state(Layout(config.paths).state);
  std::printf("%s  %s\n%s\n", config.title.c_str(), config.url.c_str(),
              runner_line(state).c_str());
  for (const auto& section : sections()) print_section(state, section);
  return kAccepted;
}

}  // namespace berth::ctl
