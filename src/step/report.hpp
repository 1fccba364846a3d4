// SPDX-License-Identifier: GPL-2.0-or-later
// Where a step tells what it does. In the worker it is the Journal, in a child
// step the line to the worker: only one process writes the log and the steps.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "step/link.hpp"

namespace berth {

inline constexpr std::size_t kLongestUnit = 40;       // bytes, as shown
inline constexpr std::size_t kLongestProgress = 200;  // bytes of its message

// `unit` and `message` are as they came, of JSON up to 4,000 bytes: whoever
// shows them hides the secrets first and shortens after.
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
  // One line of the log, as long as it came. Behind this secrets are hidden,
  // then the line is shortened, and control characters are taken out.
  virtual void log(std::string_view text) = 0;
  virtual void progress(const Progress& progress) = 0;
};

// Of what nobody needs to hear about.
class NoReport : public Report {
 public:
  void log(std::string_view) override {}
  void progress(const Progress&) override {}
};

// Of a child step. What it sends is masked by the link's mask, before it is
// shortened to fit in a packet.
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
