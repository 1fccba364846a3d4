// SPDX-License-Identifier: GPL-2.0-or-later
// A refused request: the HTTP status, a detail that states what to do, and
// further members of the problem document (holder, until, free, member,
// offset). Thrown by handlers, caught once, in answer.cpp. Rejected: a result
// type through every validation, which made each handler half as long again and
// no clearer.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/json.hpp"

namespace berth::web {

using Headers = std::vector<std::pair<std::string, std::string>>;

class Problem : public std::runtime_error {
 public:
  Problem(int status, const std::string& detail, json::object extra = {},
          Headers headers = {})
      : std::runtime_error(detail),
        status_(status),
        extra_(std::move(extra)),
        headers_(std::move(headers)) {}
  int status() const { return status_; }
  const json::object& extra() const { return extra_; }
  const Headers& headers() const { return headers_; }

 private:
  int status_;
  json::object extra_;
  Headers headers_;
};

// Throws 400 with the invalid member of the body or the query.
[[noreturn]] void refuse_member(const std::string& member,
                                const std::string& detail);

}  // namespace berth::web
