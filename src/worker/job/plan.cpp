// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/job/plan.hpp"

#include <algorithm>

namespace berth::worker {

std::string Plan::text(const std::string& application,
                       const std::string& server) const {
  return application + " " + path + "@" + revision.substr(0, 12) + " on " +
         server + (generation.empty() ? "" : ", data " + generation);
}

StepsRead read_plan(const std::vector<StepRecord>& records) {
  StepsRead out;
  for (const StepRecord& record : records) {
    if (record.result) out.result = record.result;
    if (record.event == "start") {
      out.last = record.step;
      out.open.push_back(record.step);
      if (record.step == "switch") out.switch_begun = true;
    }
    if (record.event == "progress" && if_contains(record.note, "told")) {
      out.begun = true;
    }
    if (record.event != "end") continue;
    std::erase(out.open, record.step);
    if (record.state != "done") continue;
    if (record.step == "revert" && record.note.is_object()) {
      out.reverted = from_json<Reverted>(record.note);
    }
    if (record.step == "prepare") out.prepared = true;
    if (record.step == "preflight" && record.note.is_object()) {
      out.plan = from_json<Plan>(record.note, "plan");
    }
    if (record.step == "database" && out.plan && record.note.is_object()) {
      ObjectReader in(record.note, "note");
      out.plan->copy_oid = in.integer("oid");
    }
  }
  return out;
}

}  // namespace berth::worker
