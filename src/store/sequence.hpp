// SPDX-License-Identifier: GPL-2.0-or-later
// lib/site and lib/sequence: this console's uuid, made once, and the last job
// number given out. A number is durable before it is used and never given
// twice; gaps are fine. berthd alone writes; anyone of berth may read site.
#pragma once

#include <cstdint>
#include <string>

#include "base/dir.hpp"

namespace berth {

// A dashed lower-case uuid. Makes it (durably) when it is missing and
// `create`; else throws.
std::string site_uuid(const Dir& lib, bool create);
// Its first eight hex digits, in database names.
std::string site8(const std::string& uuid);

class Sequence {
 public:
  explicit Sequence(const Dir& lib);
  // `seen`: the highest number seen elsewhere (queue, history, databases), so
  // that a restored older file never gives one out again.
  std::int64_t next(std::int64_t seen);

 private:
  const Dir& lib_;
  std::int64_t last_ = 0;
};

}  // namespace berth
