// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/error.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

namespace berth {

Error::Error(std::string action, std::string subject, std::string cause)
    : std::runtime_error(action + " " + subject + ": " + cause),
      action_(std::move(action)),
      subject_(std::move(subject)),
      cause_(std::move(cause)) {}

void throw_errno(std::string action, std::string subject) {
  const int saved = errno;
  throw Error(std::move(action), std::move(subject), strerror(saved));
}

}  // namespace berth
