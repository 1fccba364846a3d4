// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/job_kind.hpp"

namespace berth {

JobKind job_kind_from_text(std::string_view text) {
  for (const JobKindRow& row : kJobKinds) {
    if (row.name == text) return row.kind;
  }
  return JobKind::unknown;
}

const JobKindRow* row_of_action(std::string_view action) {
  for (const JobKindRow& row : kJobKinds) {
    if (!row.only_berthd && action_of(row) == action) return &row;
  }
  return nullptr;
}

std::vector<std::string> steps_of(JobKind kind) {
  std::vector<std::string> out;
  for (const char* step : row_of(kind).steps) {
    if (!step) break;
    out.emplace_back(step);
  }
  return out;
}

}  // namespace berth
