// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/decide/actions.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace berth::runner {
namespace {

constexpr Action job(JobKind kind,
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
    job(JobKind::adopt, decide_adopt),
    job(JobKind::build, decide_build),
    job(JobKind::check, decide_check),
    job(JobKind::drop, decide_drop_database),
    job(JobKind::keep, decide_keep),
    job(JobKind::power, decide_power),
    job(JobKind::preview, decide_preview),
    job(JobKind::provision, decide_provision),
    job(JobKind::publish, decide_publish),
    job(JobKind::refresh, decide_refresh),
    job(JobKind::retire, decide_retire),
    job(JobKind::snapshot, decide_snapshot),
    job(JobKind::undo, decide_undo)};

Receipt refuse_unknown(Request request, const NextNumber&) {
  return request.refuse(400, "action: '" + printable(request.drop.action, 40) +
                                 "' is none this berthd knows");
}
constexpr Action kNoAction = {.name = "", .decide = refuse_unknown};

constexpr const Action& find(std::string_view name) {
  const Action* found = std::ranges::find(kActions, name, &Action::name);
  return found == std::end(kActions) ? kNoAction : *found;
}

// A kind that is missing above could not be asked for.
static_assert(std::ranges::all_of(kJobKinds, [](const JobKindRow& row) {
  return row.only_berthd || find(action_of(row)).name == action_of(row);
}));

}  // namespace

const Action& find_action(std::string_view name) { return find(name); }

}  // namespace berth::runner
