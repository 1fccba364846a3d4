// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/build/check.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "store/check.hpp"
#include "worker/guest/guest.hpp"
#include "worker/job/act.hpp"
#include "worker/job/running.hpp"

namespace berth::worker {
namespace {

constexpr std::size_t kMostNames = 5;
// The console includes the result of a check in each list of the servers; of
// the other files only their number is reported.
constexpr std::size_t kMostFiles = 20;

// Masked, as one_line(), and not longer than `cap` after escaping.
std::string short_line(const Mask& mask, const std::string& text,
                       std::size_t cap) {
  std::string out = mask.line(text, cap);
  if (out.size() > cap) {
    out.resize(cap);
    while (!out.empty() && !is_valid_utf8(out)) out.pop_back();
  }
  return out;
}

// The guest is not trusted: its texts are cut and cleaned, because testers can
// give files any name.
Check read_reply(const json::value& body, std::int64_t build, const Mask& mask,
                 Report& report) {
  ObjectReader in(body, "reply");
  Check out;
  out.build = build;
  if (const auto pending = in.optional_integer("pending")) {
    throw Error("check", job_text(build),
                job_text(*pending) + " is switching the server; check again "
                                    "when it has ended");
  }
  const auto job = in.optional_integer("job");
  if (!job) {
    out.problems.push_back("the guest has no record of a switch");
  } else if (*job != build) {
    out.problems.push_back("the guest has the files of " + job_text(*job));
  }
  if (in.boolean("moved")) out.problems.push_back("current was changed");
  const json::value* files = in.optional_value("files");
  if (!files) {
    report.log("the installed files are unknown: an older berth-guest made the "
               "switch");
  } else if (files->is_array()) {
    const json::array& items = files->get_array();
    for (const auto& item : items) {
      if (out.files.size() >= kMostFiles) break;
      ObjectReader file(item, "file");
      out.files.push_back({short_line(mask, file.string("path"), 255),
                           short_line(mask, file.string("state"), 20)});
    }
    if (items.size() > kMostFiles) {
      out.problems.push_back(std::to_string(items.size() - kMostFiles) +
                             " more files have changed");
    }
  }
  const auto edits = in.optional_integer("edits");
  if (!edits) out.problems.push_back("there is no complete checkout");
  out.edits = std::max<std::int64_t>(0, edits.value_or(0));
  const json::value& names = in.value("names");
  if (!names.is_array()) return out;
  for (const auto& name : names.get_array()) {
    if (name.is_string() && out.names.size() < kMostNames) {
      out.names.push_back(
          short_line(mask, std::string(name.get_string()), 200));
    }
  }
  return out;
}

std::string summary(const Context& context, const Check& check) {
  const std::string& server = context.job.server;
  if (!check.drifted()) {
    return server + " is unchanged since " + job_text(check.build);
  }
  std::string out =
      server + " has changed since " + job_text(check.build) + ": ";
  std::string by;
  const auto add = [&](const std::string& text) {
    out += by + text;
    by = ", ";
  };
  for (const auto& problem : check.problems) add(problem);
  std::size_t named = 0;
  for (const auto& [path, state] : check.files) {
    if (++named > kMostNames) break;
    add("/" + path + " " + state);
  }
  if (check.files.size() > kMostNames) add("...");
  if (check.edits > 0) {
    add(std::to_string(check.edits) + " edits in the checkout (");
    by = "";
    for (const auto& name : check.names) {
      add(name);
      by = " ";
    }
    out += static_cast<std::size_t>(check.edits) > check.names.size() ? " ...)"
                                                                      : ")";
  }
  return out;
}

Check ask_guest(const Context& context, Report& report) {
  require_running(context, "check");
  const auto arguments = arguments_from<CheckArguments>(context.job.arguments);
  Guest guest(context.config, context.job.server, context.job.id,
              context.link);
  guest.connect(Deadline::in_s(kConnectSeconds));
  const json::value reply = guest.call(
      "check", {{"application", context.application.name}}, report,
      context.deadline("check"));
  try {
    Check out = read_reply(reply, arguments.build, context.link.mask(),
                           report);
    out.server = context.job.server;
    out.job = context.job.id;
    out.at = wall_now();
    return out;
  } catch (const JsonError& e) {
    throw Error("check", context.job.server,
                std::string("invalid reply from the guest: ") + e.what());
  }
}

}  // namespace

void check_job(const Context& context, Journal& journal,
               const Attempt& attempt) {
  run_act(context, journal, attempt.resumed, [&](Act&) {
    // A restarted worker is not notified of an earlier cancel.
    if (attempt.resumed && context.job.cancel) {
      throw Interrupted{Interrupted::Why::cancel};
    }
    JobResult result;
    journal.during("check", [&] {
      const Check check = ask_guest(context, journal);
      result.detail = summary(context, check);
      write_check(checks_dir(context.layout.lib), check);
      return result.detail;
    });
    result.outcome = Outcome::succeeded;
    result.committed = true;
    return result;
  });
}

}  // namespace berth::worker
