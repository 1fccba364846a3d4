// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/decide/actions.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace berth::runner {
namespace {

constexpr Action for_kind(JobKind kind,
                          Receipt (*decide)(Request, const NextNumber&)) {
  const JobKindRow& row = row_of(kind);
  return {.name = action_of(row),
          .decide = decide,
          .only_root = row.only_root,
          .ages = row.ages};
}

constexpr Action kActions[] = {
    {.name = "reserve", .decide = decide_reserve},
    {.name = "release",
     .decide = decide_release,
     .ages = true,
     .adds_work = false},
    {.name = "cancel",
     .decide = decide_cancel,
     .ages = true,
     .adds_work = false},
    {.name = "drain",
     .decide = decide_drain,
     .only_root = true,
     .adds_work = false},
    for_kind(JobKind::adopt, decide_adopt),
    for_kind(JobKind::build, decide_build),
    for_kind(JobKind::check, decide_check),
    for_kind(JobKind::drop, decide_drop_database),
    for_kind(JobKind::keep, decide_keep),
    for_kind(JobKind::power, decide_power),
    for_kind(JobKind::preview, decide_preview),
    for_kind(JobKind::provision, decide_provision),
    for_kind(JobKind::publish, decide_publish),
    for_kind(JobKind::refresh, decide_refresh),
    for_kind(JobKind::retire, decide_retire),
    for_kind(JobKind::snapshot, decide_snapshot),
    for_kind(JobKind::undo, decide_undo)};

Receipt refuse_unknown(Request request, const NextNumber&) {
  return request.refuse(400, "unknown action '" +
                                 printable(request.drop.action, 40) + "'");
}
constexpr Action kNoAction = {.name = "", .decide = refuse_unknown};

constexpr const Action& find(std::string_view name) {
  const Action* found = std::ranges::find(kActions, name, &Action::name);
  return found == std::end(kActions) ? kNoAction : *found;
}

// Without a row above, a kind of job could not be requested.
static_assert(std::ranges::all_of(kJobKinds, [](const JobKindRow& row) {
  return row.only_berthd || find(action_of(row)).name == action_of(row);
}));

}  // namespace

const Action& find_action(std::string_view name) { return find(name); }

}  // namespace berth::runner
