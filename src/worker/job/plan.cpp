// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/job/plan.hpp"

#include <algorithm>

#include "model/instant.hpp"

namespace berth::worker {

std::string Plan::text(const std::string& application,
                       const std::string& server) const {
  return application + " " + path + "@" + revision.substr(0, 12) + " on " +
         server + (generation.empty() ? "" : ", data " + generation);
}

json::object to_json(const Plan& p) {
  json::object out{{"path", p.path},
                   {"revision", p.revision},
                   {"slot", p.slot},
                   {"current", p.current},
                   {"templates", p.templates},
                   {"system", p.system},
                   {"live", p.live},
                   {"generation", p.generation},
                   {"base", p.base},
                   {"base_oid", p.base_oid},
                   {"copy", p.copy}};
  out["live_oid"] = or_null(p.live_oid);
  out["copy_oid"] = or_null(p.copy_oid);
  out["data_at"] = instant_or_null(p.data_at);
  return out;
}

Plan plan_from_json(const json::value& value) {
  ObjectReader in(value, "plan");
  Plan p;
  p.path = in.string("path");
  p.revision = in.string("revision");
  p.slot = in.string("slot");
  p.current = in.string("current");
  p.templates = in.string("templates");
  p.system = in.string("system");
  p.live = in.string("live");
  p.live_oid = in.optional_integer("live_oid");
  p.generation = in.string("generation");
  p.data_at = read_optional_instant(in, "data_at");
  p.base = in.string("base");
  p.base_oid = in.integer("base_oid");
  p.copy = in.string("copy");
  p.copy_oid = in.optional_integer("copy_oid");
  in.finish();
  return p;
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
      out.told = true;
    }
    if (record.event != "end") continue;
    std::erase(out.open, record.step);
    if (record.state != "done") continue;
    if (record.step == "revert" && record.note.is_object()) {
      out.reverted = reverted_from_json(record.note);
    }
    if (record.step == "prepare") out.prepared = true;
    if (record.step == "preflight" && record.note.is_object()) {
      out.plan = plan_from_json(record.note);
    }
    if (record.step == "database" && out.plan && record.note.is_object()) {
      ObjectReader in(record.note, "note");
      out.plan->copy_oid = in.integer("oid");
    }
  }
  return out;
}

}  // namespace berth::worker
