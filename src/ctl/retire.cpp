// SPDX-License-Identifier: GPL-2.0-or-later
// berthctl retire SERVER [--yes-UUID UUID]: deletes a server. It runs two jobs,
// as adopt does: the first inspects the server and changes nothing, the second
// has the UUID that was shown, so that the deleted domain is the one that the
// administrator saw.
#include <cstdio>

#include "base/error.hpp"
#include "base/name.hpp"
#include "base/text.hpp"
#include "ctl/command.hpp"
#include "ctl/confirm.hpp"
#include "ctl/follow.hpp"
#include "ctl/host_keys.hpp"
#include "ctl/submission.hpp"
#include "model/job.hpp"
#include "store/layout.hpp"
#include "store/state.hpp"

namespace berth::ctl {
namespace {

constexpr std::int64_t kRetirePatience = 600;
// How the worker's result names the domain: this and 36 digits.
constexpr std::string_view kUuid = "UUID ";
constexpr std::size_t kUuidSize = 36;

struct RetirementAsked {
  std::string server;
  std::string uuid;
};

RetirementAsked retirement_asked(const CommandLine& line, const Words& words) {
  if (words.size() != 1 || !is_server_name(words[0])) {
    throw UsageError("retire requires a server");
  }
  RetirementAsked asked{words[0], line.value("yes-UUID")};
  if (line.has("yes-UUID") && asked.uuid.size() != kUuidSize) {
    throw UsageError("--yes-UUID: must be the UUID of a domain");
  }
  return asked;
}

std::string uuid_in(const std::string& detail) {
  const std::size_t at = detail.find(kUuid);
  if (at == std::string::npos) return "";
  return detail.substr(at + kUuid.size(), kUuidSize);
}

// Its holder and its configuration, as berthd publishes them.
void show_use(const Config& config, const std::string& server) {
  const State state(Layout(config.paths).state);
  const auto body = state.read_json("server/" + server + ".json");
  if (!body) return;
  const auto text = [](const json::object& object, const char* name) {
    return printable(string_or(object, name, "-"));
  };
  if (const json::object* hold = if_object(*body, "hold")) {
    std::printf("  held by %s until %s\n", text(*hold, "user").c_str(),
                text(*hold, "until").c_str());
  }
  if (const json::object* carried = if_object(*body, "configuration")) {
    std::printf("  has %s %s@%s\n", text(*carried, "application").c_str(),
                text(*carried, "path").c_str(),
                text(*carried, "revision").c_str());
  }
}

int do_one(const Context& context, const Config& config,
           const std::string& server, const std::string& uuid,
           std::string& said) {
  const Drop drop =
      root_drop("retire", server, to_json(RetireArguments{"", uuid}));
  const auto receipt = submit_drop(config, drop, kReceiptPatience);
  const int status = print_receipt(config, drop, receipt, Printed::detail);
  if (status != kAccepted || !receipt->job) return status;
  const auto end = follow(config, *receipt->job,
                          patience(context, kRetirePatience));
  if (uuid.empty() && end.succeeded()) {
    show_log(config, *receipt->job, stdout);
  }
  said = end.detail;
  return tell_end(config, *receipt->job, end);
}

}  // namespace

int retire(const Context& context, const Words& words) {
  const RetirementAsked asked = retirement_asked(context.line, words);
  const Config config = load_config(context.config_file);
  std::string said;
  const int looked = do_one(context, config, asked.server, "", said);
  if (looked != kAccepted) return looked;
  show_use(config, asked.server);
  const std::string uuid = uuid_in(said);
  if (uuid.empty()) {
    throw Error("retire", asked.server, "the job reported no UUID");
  }
  if (!asked.uuid.empty() && asked.uuid != uuid) {
    throw Error("retire", asked.server,
                "it has UUID " + uuid + ", not " + asked.uuid);
  }
  if (asked.uuid.empty() &&
      !confirmed("It will be deleted; this cannot be undone. Its databases "
                 "remain: `berthctl doctor` then lists them.",
                 asked.server,
                 "to retire this server, use --yes-UUID " + uuid)) {
    return kRefused;
  }
  const int done = do_one(context, config, asked.server, uuid, said);
  if (done == kAccepted) record_keys(config, asked.server, {});
  return done;
}

}  // namespace berth::ctl
