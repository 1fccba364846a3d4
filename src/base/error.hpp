// SPDX-License-Identifier: GPL-2.0-or-later
// The exception for unexpected failures. It carries what was done (action), to
// what (subject) and why it failed (cause), and reads "ACTION SUBJECT: CAUSE".
// A failure that a caller can expect and handle - a name that exists, a file
// that does not - is an optional or an enum, not an Error. Catch it only where
// one failure must not end the rest: a request, a job, a file, main.
#pragma once

#include <stdexcept>
#include <string>

namespace berth {

class Error : public std::runtime_error {
 public:
  Error(std::string action, std::string subject, std::string cause);
  const std::string& action() const { return action_; }
  const std::string& subject() const { return subject_; }
  const std::string& cause() const { return cause_; }

 private:
  std::string action_;
  std::string subject_;
  std::string cause_;
};

// Throws an Error whose cause is the text of errno.
[[noreturn]] void throw_errno(std::string action, std::string subject);

}  // namespace berth
