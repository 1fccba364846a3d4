// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/guest/ssh_answers.hpp"

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "worker/guest/guest.hpp"
#include "worker/job/confined.hpp"
#include "worker/job/process.hpp"

namespace berth::worker {
namespace {

constexpr std::int64_t kAnswer = 10;   // seconds, for a local program
constexpr std::int64_t kBetween = 1000;  // ms

// The options that ssh would use for the server, by name.
std::map<std::string, std::string> ssh_options(const Context& context) {
  const auto asked = run_program(
      {"ssh", "-F", context.config.folder + "/ssh_config", "-G", "--",
       context.job.server},
      confined_ssh(context.config, ""), context.link, Deadline::in_s(kAnswer));
  std::map<std::string, std::string> out;
  if (!asked.status.ok()) return out;
  for (const auto& line : split(asked.out, '\n')) {
    const auto space = line.find(' ');
    if (space == std::string::npos) continue;
    out.emplace(line.substr(0, space), line.substr(space + 1));
  }
  return out;
}

}  // namespace

bool has_host_key(const Context& context) {
  auto options = ssh_options(context);
  std::string name = options["hostkeyalias"];
  if (name.empty()) {
    name = options["hostname"];
    if (options["port"] != "22") name = "[" + name + "]:" + options["port"];
  }
  const std::string files = options["userknownhostsfile"];
  for (const auto& file : split(files, ' ')) {
    if (file.empty() || file.starts_with('~')) continue;
    const auto found =
        run_program({"ssh-keygen", "-F", name, "-f", file},
                    confined_key_search(file), context.link,
                    Deadline::in_s(kAnswer));
    if (found.status.ok()) return true;
  }
  return false;
}

void wait_for_ssh(const Context& context, Deadline deadline) {
  const std::string& server = context.job.server;
  for (;;) {
    Guest guest(context.config, server, context.job.id, context.link);
    std::string why;
    try {
      guest.connect(Deadline::in_ms(
          std::min<std::int64_t>(kConnectSeconds * 1000, deadline.left_ms())));
      return;
    } catch (const GuestRefuses& e) {
      throw Error("reach", server + " over ssh", e.cause());
    } catch (const Away& e) {
      why = e.cause();
    }
    if (deadline.left_ms() <= kBetween) {
      throw Error("reach", server + " over ssh",
                  "timed out; the last error was: " + why);
    }
    context.link.sleep(kBetween);
  }
}

}  // namespace berth::worker
