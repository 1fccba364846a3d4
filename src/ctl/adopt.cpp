// SPDX-License-Identifier: GPL-2.0-or-later
// berthctl adopt SERVER APP [--yes-OID N]: makes a database that existed before
// Berth that of a server. It runs two jobs: the first inspects the database and
// changes nothing; the second has the OID that was shown, so that the marked
// database is the one that the administrator saw, whatever was renamed
// meanwhile.
#include <cstdio>

#include "base/error.hpp"
#include "base/name.hpp"
#include "base/text.hpp"
#include "ctl/command.hpp"
#include "ctl/confirm.hpp"
#include "ctl/follow.hpp"
#include "ctl/submission.hpp"
#include "model/job.hpp"

namespace berth::ctl {
namespace {

constexpr std::int64_t kLargestOid = 4294967295;
constexpr std::int64_t kAdoptPatience = 120;
// How the worker's result names the database: this and digits.
constexpr std::string_view kOid = "OID ";

struct AdoptionAsked {
  std::string server;
  std::string application;
  std::optional<std::int64_t> oid;
};

AdoptionAsked adoption_asked(const CommandLine& line, const Words& words) {
  if (words.size() != 2 || !is_server_name(words[0]) ||
      !is_application_name(words[1])) {
    throw UsageError("adopt requires a server and an application");
  }
  AdoptionAsked asked{words[0], words[1], std::nullopt};
  if (line.has("yes-OID")) {
    asked.oid = whole_number(line.value("yes-OID"));
    if (asked.oid.value_or(0) < 1 || *asked.oid > kLargestOid) {
      throw UsageError("--yes-OID: must be a database OID");
    }
  }
  return asked;
}

std::optional<std::int64_t> oid_in(const std::string& detail) {
  const std::size_t at = detail.find(kOid);
  if (at == std::string::npos) return std::nullopt;
  std::string_view rest = std::string_view(detail).substr(at + kOid.size());
  return take_number(rest);
}

// Submits one of the two jobs and waits for its end. Returns the exit code, and
// the result of a job that succeeded.
int do_one(const Context& context, const Config& config,
           const AdoptionAsked& asked, std::optional<std::int64_t> oid,
           std::string& said) {
  const Drop drop = root_drop("adopt", asked.server,
                              to_json(AdoptArguments{asked.application, oid}));
  const auto receipt = submit_drop(config, drop, kReceiptPatience);
  const int status = print_receipt(config, drop, receipt, Printed::detail);
  if (status != kAccepted || !receipt->job) return status;
  const auto end = follow(config, *receipt->job,
                          patience(context, kAdoptPatience));
  // The log has the sessions, and what a build would take over.
  if (!oid && end.succeeded()) {
    show_log(config, *receipt->job, stdout);
  }
  said = end.detail;
  return tell_end(config, *receipt->job, end);
}

}  // namespace

int adopt(const Context& context, const Words& words) {
  const AdoptionAsked asked = adoption_asked(context.line, words);
  const Config config = load_config(context.config_file);
  const auto application = config.applications.find(asked.application);
  if (application == config.applications.end()) {
    throw Error("adopt", asked.application, "no such application");
  }
  const std::string name = application->second.database_on(asked.server);
  std::string said;
  const int looked = do_one(context, config, asked, std::nullopt, said);
  if (looked != kAccepted) return looked;
  const auto oid = oid_in(said);
  if (!oid) throw Error("adopt", name, "the job reported no OID");
  if (asked.oid && asked.oid != oid) {
    throw Error("adopt", name, "it has OID " + std::to_string(*oid) +
                                   ", not " + std::to_string(*asked.oid));
  }
  const std::string instead =
      "to adopt this database, use --yes-OID " + std::to_string(*oid);
  if (!asked.oid &&
      !confirmed("Berth then owns the database: the next build on " +
                     asked.server + " with a new database replaces it, and its "
                     "data is dropped " +
                     std::to_string(application->second.undo / 60) +
                     " minutes later. No undo restores it.",
                 name, instead)) {
    return kRefused;
  }
  return do_one(context, config, asked, oid, said);
}

}  // namespace berth::ctl
