// SPDX-License-Identifier: GPL-2.0-or-later
// The commands that submit one drop each: submit, drain, release-all.
#include <fcntl.h>

#include <cstdio>

#include "base/error.hpp"
#include "base/name.hpp"
#include "ctl/command.hpp"
#include "ctl/submission.hpp"
#include "store/history.hpp"
#include "store/layout.hpp"

namespace berth::ctl {
namespace {

std::string read_request(const std::string& file) {
  Fd fd(file == "-" ? ::fcntl(0, F_DUPFD_CLOEXEC, 3)
                    : ::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) throw_errno("open", file);
  const auto text = read_all(fd.get(), kLargestDrop, file);
  if (!text) throw Error("read", file, "larger than a request (64 KiB)");
  return *text;
}

// The servers whose last history line has the user as holder. The history is
// used instead of the state because it is authoritative, and readable without
// berthd.
std::vector<std::string> held_by(const Layout& layout,
                                 const std::string& user) {
  const Dir histories(layout.history);
  std::vector<std::string> servers;
  for (const auto& server : list_histories(histories)) {
    // As History reads it: the last line that is readable.
    walk_history(histories, server, [&](const std::string& raw) {
      try {
        const auto line = history_line_from_json(parse_json(raw));
        if (line.hold && line.hold->user == user) servers.push_back(server);
        return false;
      } catch (const JsonError&) {
        return true;
      }
    });
  }
  return servers;
}

}  // namespace

int submit(const Context& context, const Words& words) {
  if (words.size() != 1) throw UsageError("submit requires one file, or -");
  const Config config = load_config(context.config_file);
  const Drop drop = drop_from_request(read_request(words[0]));
  const auto receipt =
      submit_drop(config, drop, patience(context, kReceiptPatience));
  return print_receipt(config, drop, receipt, Printed::receipt);
}

int drain(const Context& context, const Words& words) {
  if (words.size() != 1 || (words[0] != "on" && words[0] != "off")) {
    throw UsageError("drain requires on or off");
  }
  const Config config = load_config(context.config_file);
  const Drop drop = root_drop("drain", "*", {{"on", words[0] == "on"}});
  const auto receipt =
      submit_drop(config, drop, patience(context, kReceiptPatience));
  return print_receipt(config, drop, receipt, Printed::detail);
}

int release_all(const Context& context, const Words& words) {
  if (words.size() != 1 || !is_user_name(words[0])) {
    throw UsageError("release-all requires one user");
  }
  const Config config = load_config(context.config_file);
  const auto servers = held_by(Layout(config.paths), words[0]);
  if (servers.empty()) {
    std::printf("%s holds no servers\n", words[0].c_str());
  }
  int worst = kAccepted;
  for (const auto& server : servers) {
    const Drop drop = root_drop("release", server, {});
    const auto receipt =
        submit_drop(config, drop, patience(context, kReceiptPatience));
    const int code = print_receipt(config, drop, receipt, Printed::detail);
    if (code > worst) worst = code;
    // Without berthd, each further one would only wait as long again.
    if (code == kTimedOut) break;
  }
  return worst;
}

}  // namespace berth::ctl
