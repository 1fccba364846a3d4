// SPDX-License-Identifier: GPL-2.0-or-later
// berthctl check: prints all problems of the configuration, one a line, on
// stderr; exits with 0 only if there are none.
#include <cstdio>

#include "base/text.hpp"
#include "ctl/command.hpp"
#include "ctl/findings.hpp"

namespace berth::ctl {
namespace {

int refused(std::size_t problems) {
  std::fprintf(stderr, "berthctl: %zu problem%s\n", problems,
               problems == 1 ? "" : "s");
  return kRefused;
}

}  // namespace

int check(const Context& context, const Words& words) {
  if (!words.empty()) throw UsageError("check accepts no arguments");
  Config config;
  try {
    config = load_config(context.config_file);
  } catch (const ConfigError& error) {
    for (const auto& problem : error.problems()) {
      std::fprintf(stderr, "%s\n", printable(problem.str(), 1000).c_str());
    }
    return refused(error.problems().size());
  }
  std::size_t problems = 0;
  for (const auto& finding : check_files(config, usual_owners())) {
    std::fprintf(stderr, "%s%s\n", finding.problem ? "" : "note: ",
                 printable(finding.text, 1000).c_str());
    if (finding.problem) ++problems;
  }
  if (problems > 0) return refused(problems);
  std::printf("%s: no problems; %zu hosts, %zu clusters, %zu applications\n",
              config.file.c_str(), config.hosts.size(), config.clusters.size(),
              config.applications.size());
  return kAccepted;
}

}  // namespace berth::ctl
