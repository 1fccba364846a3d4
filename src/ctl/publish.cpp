// SPDX-License-Identifier: GPL-2.0-or-later
// berthctl publish APP DATABASE [--data-at TIME]: submits the request and waits
// until the job has ended.
#include <unistd.h>

#include <cstdio>

#include "base/clock.hpp"
#include "ctl/command.hpp"
#include "ctl/follow.hpp"
#include "ctl/submission.hpp"

namespace berth::ctl {
namespace {

// VACUUM of a big database takes long.
constexpr std::int64_t kPublishPatience = 6 * 3600;

struct PublicationAsked {
  std::string application;
  std::string database;
  std::string data_at;  // empty: unknown
};

PublicationAsked publication_asked(const CommandLine& line,
                                   const Words& words) {
  if (words.size() != 2) {
    throw UsageError("publish requires an application and a database");
  }
  PublicationAsked asked{words[0], words[1], line.value("data-at")};
  if (line.has("data-at") && !parse_rfc3339(asked.data_at)) {
    throw UsageError("--data-at: must be a time like 2026-11-22T03:00:00Z");
  }
  return asked;
}

}  // namespace

int publish(const Context& context, const Words& words) {
  const PublicationAsked asked = publication_asked(context.line, words);
  const Config config = load_config(context.config_file);
  json::object arguments{{"database", asked.database}};
  if (!asked.data_at.empty()) arguments["data_at"] = asked.data_at;
  const Drop drop = root_drop("publish", asked.application, arguments);
  const auto receipt = submit_drop(config, drop, kReceiptPatience);
  const int status = print_receipt(config, drop, receipt, Printed::detail);
  const std::string scrub = config.folder + "/scrub/" + asked.application;
  if (status == kAccepted && ::access(scrub.c_str(), F_OK) == 0) {
    std::fprintf(stderr,
                 "berthctl: the database is published unscrubbed: the scripts "
                 "in %s are not run on it\n",
                 scrub.c_str());
  }
  if (status != kAccepted || !receipt->job) return status;
  const auto end = follow(config, *receipt->job,
                          patience(context, kPublishPatience));
  return tell_end(config, *receipt->job, end);
}

}  // namespace berth::ctl
