// SPDX-License-Identifier: GPL-2.0-or-later
// berthctl doctor: prints what `check` finds, then checks each cluster by a
// berth-worker that runs as berth - with berth's own rights, key and .pgpass,
// which are to be checked - and lists the orphans on it. It changes nothing;
// exits with 1 if there is a problem.
#include <unistd.h>

#include <cstdio>

#include "base/child.hpp"
#include "base/confine.hpp"
#include "base/error.hpp"
#include "base/programs.hpp"
#include "base/table.hpp"
#include "base/text.hpp"
#include "ctl/command.hpp"
#include "ctl/findings.hpp"
#include "ctl/orphans.hpp"
#include "store/cluster_state.hpp"
#include "store/layout.hpp"
#include "store/state.hpp"

namespace berth::ctl {
namespace {

constexpr std::int64_t kClusterPatience = 60;  // seconds

// Prints one line of the report; `problem` counts it.
void report(std::size_t& problems, bool problem, const std::string& text) {
  if (problem) ++problems;
  std::printf("  %-8s %s\n", problem ? "problem" : "ok",
              printable(text, 1000).c_str());
}

std::size_t files(const Config& config) {
  std::size_t problems = 0;
  std::printf("files\n");
  const auto findings = check_files(config, usual_owners());
  for (const auto& finding : findings) {
    if (finding.problem) {
      report(problems, true, finding.text);
    } else {
      std::printf("  %-8s %s\n", "note", printable(finding.text, 1000).c_str());
    }
  }
  if (findings.empty()) report(problems, false, config.file);
  return problems;
}

// A worker prints "ok TEXT", "problem TEXT" and "sql TEXT"; anything else is
// from another version.
std::size_t worker_lines(const std::string& out) {
  std::size_t problems = 0;
  for (const auto& line : split(out, '\n')) {
    if (line.empty()) continue;
    const std::size_t space = line.find(' ');
    const std::string word = line.substr(0, space);
    const std::string text =
        space == std::string::npos ? "" : line.substr(space + 1);
    if (word == "sql") {
      // Without an indent inside, so that it can be pasted into psql.
      std::printf("           %s%s\n", printable(text, 1000).c_str(),
                  text.ends_with(';') ? "" : ";");
    } else if (word == "ok" || word == "problem") {
      report(problems, word == "problem", text);
    } else {
      report(problems, true, "unknown output of berth-worker: " + line);
    }
  }
  return problems;
}

std::size_t ask(const Context& context, const Config& config,
                const std::string& cluster,
                const std::optional<Account>& account) {
  std::size_t problems = 0;
  ChildOptions options;
  options.account = account;
  options.environment = minimal_environment(account);
  const auto result =
      run({program_path("berth-worker"), "--config", config.file, "doctor",
           cluster},
          patience(context, kClusterPatience) * 1000, 1 << 20, options);
  problems += worker_lines(result.out);
  if (result.timed_out) {
    report(problems, true, "berth-worker did not answer in time");
  } else if (!result.status.ok() && problems == 0) {
    report(problems, true, "berth-worker: " + result.status.text() + ": " +
                             result.err);
  }
  return problems;
}

// What tidy published, which is at most a minute old while berthd runs.
std::size_t published(const Config& config, const std::string& cluster) {
  std::size_t problems = 0;
  for (const auto& text : problems_of(config, cluster)) {
    // The role's rights were checked above, as they are now.
    if (text.ends_with(kDoctorHasTheSql)) continue;
    report(problems, true, "as berthd last saw it: " + text);
  }
  const auto orphans = orphans_of(config, cluster);
  if (!orphans.empty()) {
    std::printf("           as of %s:\n",
                rfc3339(orphans.front().as_of).c_str());
  }
  for (const auto& orphan : orphans) {
    report(problems, true,
         "orphan " + orphan.kind + " " + orphan.name + ", " +
             orphan.description);
    std::printf("           %s\n", orphan.command.c_str());
  }
  return problems;
}

// The domains that are not servers, and what cannot be shown of the others.
std::vector<std::string> host_problems(const json::value& host) {
  std::vector<std::string> out;
  const std::string name = "host " + cell(host, "/name") + ": ";
  json::error_code none;
  if (const auto* skipped = host.find_pointer("/skipped", none)) {
    for (const auto& one : skipped->as_array()) {
      out.push_back(name + "domain '" + cell(one, "/domain") +
                    "' is skipped: " + cell(one, "/reason"));
    }
  }
  if (const auto* problems = host.find_pointer("/problems", none)) {
    for (const auto& one : problems->as_array()) {
      out.push_back(name + json::value_to<std::string>(one));
    }
  }
  return out;
}

// What each watcher saw, and what only berthd knows: names that two hosts have.
std::size_t hosts(const Config& config) {
  std::size_t problems = 0;
  const std::string folder = Layout(config.paths).state;
  if (::access(folder.c_str(), R_OK | X_OK) != 0) return 0;  // berthd never ran
  const State state(folder);
  const auto list = state.read_json("hosts.json");
  if (list) {
    for (const auto& host : list->at("hosts").as_array()) {
      const bool away = cell(host, "/fresh") != "true";
      report(problems, away,
           "host " + cell(host, "/name") +
               (away ? " is unreachable: " + cell(host, "/reason")
                     : ": " + cell(host, "/servers") + " servers"));
      for (const auto& text : host_problems(host)) report(problems, true, text);
    }
  }
  return problems;
}

}  // namespace

int doctor(const Context& context, const Words& words) {
  if (!words.empty()) throw UsageError("doctor accepts no arguments");
  const Config config = load_config(context.config_file);
  const auto account = find_account("berth");
  if (::geteuid() != 0 && (!account || account->uid != ::geteuid())) {
    throw Error("check", "clusters", "run doctor as root or as berth");
  }
  if (!account) {
    throw Error("check", "clusters", "no account berth; run systemd-sysusers");
  }
  std::size_t problems = files(config);
  if (const std::string why = why_unconfined(); !why.empty()) {
    report(problems, true,
         "dumps cannot be restored nor repositories read here: " + why);
  }
  std::printf("hosts, as berthd last saw them\n");
  problems += hosts(config);
  for (const auto& [name, cluster] : config.clusters) {
    std::printf("cluster %s\n", name.c_str());
    std::fflush(stdout);
    problems += ask(context, config, name,
                    ::geteuid() == 0 ? account : std::nullopt);
    problems += published(config, name);
  }
  std::fflush(stdout);
  if (problems == 0) return kAccepted;
  std::fprintf(stderr, "berthctl: %zu problem%s\n", problems,
               problems == 1 ? "" : "s");
  return kRefused;
}

}  // namespace berth::ctl
