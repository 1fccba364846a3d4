// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/command.hpp"

#include <algorithm>
#include <utility>

namespace berth::ctl {

const std::vector<Command>& commands() {
  static const std::vector<Command> table = {
      {"check", "", "print every problem of the configuration", check},
      {"status", "", "show hosts, servers, jobs and clusters", status},
      {"submit", "FILE|-", "submit a request from a JSON file", submit},
      {"publish", "APP DATABASE [--data-at TIME]",
       "make a database the newest base of an application",
       publish, {"data-at:"}},
      {"refresh", "APP [--again] [--wait]",
       "make a new base from an application's dump",
       refresh, {"again", "wait"}},
      {"adopt", "SERVER APP [--yes-OID N]",
       "take over a database that predates Berth",
       adopt, {"yes-OID:"}},
      {"doctor", "", "check roles, versions and orphans on the clusters",
       doctor},
      {"drop-database", "CLUSTER NAME [--yes]",
       "drop an orphaned database of Berth",
       drop_database, {"yes"}},
      {"forget-job", "N [--yes]",
       "give up a job whose guest or cluster no longer exists",
       forget_job, {"yes"}},
      {"enroll",
       "SERVER [--login USER@ADDRESS] [--from ADDRESSES] [--yes] "
       "[--payload|--said FILE]",
       "make a machine a guest, or upgrade its berth-guest",
       enroll, {"login:", "from:", "yes", "payload:", "said:"}},
      {"retire", "SERVER [--yes-UUID UUID]",
       "delete a server and all that Berth made for it",
       retire, {"yes-UUID:"}},
      {"drain", "on|off", "stop or resume accepting new jobs", drain},
      {"release-all", "USER", "release every server that a user holds",
       release_all},
  };
  return table;
}

const Command* find_command(const std::string& name) {
  const auto found =
      std::find_if(commands().begin(), commands().end(),
                   [&](const Command& c) { return c.name == name; });
  return found == commands().end() ? nullptr : &*found;
}

std::int64_t patience(const Context& context, std::int64_t usual) {
  return context.timeout > 0 ? context.timeout : usual;
}

std::string usage() {
  constexpr std::size_t kColumn = 42;  // where descriptions begin
  std::string out =
      "usage: berthctl [--config FILE] [--timeout SECONDS] COMMAND\n"
      "       berthctl --help | --version\n";
  for (const auto& command : commands()) {
    std::string line = std::string("  ") + command.name;
    if (*command.synopsis) line += std::string(" ") + command.synopsis;
    if (line.size() + 2 > kColumn) out += std::exchange(line, "") + "\n";
    line.resize(kColumn, ' ');
    out += line + command.does + "\n";
  }
  return out;
}

}  // namespace berth::ctl
