// SPDX-License-Identifier: GPL-2.0-or-later
// The interface through which a step reports its log lines and progress. In the
// worker it is the Journal; in a child step it is the channel to the worker,
// because only one process writes the log and the steps.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "step/link.hpp"

namespace berth {

inline constexpr std::size_t kLongestUnit = 40;       // bytes, when shown
inline constexpr std::size_t kLongestProgress = 200;  // bytes of its message

// `unit` and `message` are unmasked, up to 4,000 bytes when read from JSON:
// code that shows them must mask them first and shorten them afterwards.
struct Progress {
  std::optional<std::int64_t> done, total;
  std::string unit;
  std::string message;
};

json::object to_json(const std::string& step, const Progress& progress);
Progress progress_from_json(const json::object& object);

class Report {
 public:
  virtual ~Report() = default;
  // One line of the log, of any length and unmasked. The implementation masks
  // it, then shortens it and removes control characters.
  virtual void log(std::string_view text) = 0;
  virtual void progress(const Progress& progress) = 0;
};

// Discards everything.
class NoReport : public Report {
 public:
  void log(std::string_view) override {}
  void progress(const Progress&) override {}
};

// The report of a child step. Text is masked with the channel's mask before it
// is shortened to fit into a packet.
class LinkReport : public Report {
 public:
  LinkReport(Link& link, std::string step)
      : link_(link), step_(std::move(step)) {}
  void log(std::string_view text) override;
  void progress(const Progress& progress) override;

 private:
  Link& link_;
  std::string step_;
};

}  // namespace berth
