// SPDX-License-Identifier: GPL-2.0-or-later
// lib/site and lib/sequence: this console's uuid, made once, and the last job
// number assigned. A number is durable before it is used and never assigned
// twice; gaps are fine. Only berthd writes them; all of berth's programs may
// read site.
#pragma once

#include <cstdint>
#include <string>

#include "base/dir.hpp"

namespace berth {

// A lower-case uuid with dashes. If it does not exist, makes it (durably) with
// `create`; throws otherwise.
std::string site_uuid(const Dir& lib, bool create);
// Its first eight hexadecimal digits, used in database names.
std::string site8(const std::string& uuid);

class Sequence {
 public:
  explicit Sequence(const Dir& lib);
  // `seen`: the highest number found elsewhere (queue, history, databases), so
  // that a restored older file never assigns a number again.
  std::int64_t next(std::int64_t seen);

 private:
  const Dir& lib_;
  std::int64_t last_ = 0;
};

}  // namespace berth
