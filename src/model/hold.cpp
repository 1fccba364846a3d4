// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/hold.hpp"

#include "model/instant.hpp"

namespace berth {

json::value to_json(const Hold& hold) {
  json::object out = {{"user", hold.user},
                      {"since", rfc3339(hold.since)},
                      {"until", rfc3339(hold.until)},
                      {"note", hold.note},
                      {"job", or_null(hold.job)},
                      {"release", hold.release}};
  if (hold.made_by) out["made_by"] = *hold.made_by;
  return out;
}

json::value to_json(const std::optional<Hold>& hold) {
  return hold ? to_json(*hold) : json::value(nullptr);
}

std::optional<Hold> hold_from_json(const json::value& value) {
  if (value.is_null()) return std::nullopt;
  ObjectReader in(value, "hold");
  Hold hold;
  hold.user = in.string("user");
  hold.since = read_instant(in, "since");
  hold.until = read_instant(in, "until");
  hold.note = in.string("note");
  hold.job = in.optional_integer("job");
  hold.release = in.string("release");
  hold.made_by = in.optional_integer("made_by");
  in.finish();
  return hold;
}

}  // namespace berth
