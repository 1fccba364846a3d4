// SPDX-License-Identifier: GPL-2.0-or-later
#include "step/report.hpp"

#include "step/mask.hpp"

namespace berth {
namespace {

constexpr std::size_t kLongestLog = 8000;  // bytes
constexpr std::size_t kMostMasked = 4000;  // bytes; masked often, so kept low

}  // namespace

json::object to_json(const std::string& step, const Progress& progress) {
  json::object out{{"step", step}};
  out["done"] = or_null(progress.done);
  out["total"] = or_null(progress.total);
  out["unit"] = progress.unit;
  out["message"] = progress.message;
  return out;
}

Progress progress_from_json(const json::object& object) {
  Progress out;
  const auto number = [&](const char* name) -> std::optional<std::int64_t> {
    const auto* value = object.if_contains(name);
    if (!value || !value->is_number()) return std::nullopt;
    boost::system::error_code not_whole;
    const auto whole = value->to_number<std::int64_t>(not_whole);
    if (not_whole || whole < 0) return std::nullopt;
    return whole;
  };
  const auto text = [&](const char* name) {
    return string_or(object, name, "").substr(0, kMostMasked);
  };
  out.done = number("done");
  out.total = number("total");
  out.unit = text("unit");
  out.message = text("message");
  return out;
}

void LinkReport::log(std::string_view text) {
  if (link_.by_hand()) return;
    // Shortened before it is sent, because JSON can turn a byte into six.
  link_.send({{"log", link_.mask().line(text, kLongestLog)}});
}

void LinkReport::progress(const Progress& progress) {
  if (link_.by_hand() || !link_.progress_is_due()) return;
  Progress shown = progress;
  shown.unit = link_.mask().line(progress.unit, kLongestUnit);
  shown.message = link_.mask().line(progress.message, kLongestProgress);
  link_.progress(to_json(step_, shown));
}

}  // namespace berth
