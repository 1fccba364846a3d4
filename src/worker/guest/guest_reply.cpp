// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/guest/guest_reply.hpp"

#include "step/mask.hpp"
#include "step/stop.hpp"

namespace berth::worker {
namespace {

// The limits for log lines of one call; berth-guest itself stays below them.
constexpr std::size_t kMostLines = 10'000;
constexpr std::size_t kMostSaid = 1 << 20;

}  // namespace

void GuestReply::log(const std::string& text) {
  if (lines_ > kMostLines || said_ > kMostSaid) return;
  ++lines_;
  said_ += one_line(text, text.size()).size();  // the size after masking
  report_.log(text);
  if (lines_ > kMostLines || said_ > kMostSaid) {
    report_.log("the guest prints too much; further lines are dropped");
  }
}

void GuestReply::take_line(std::string_view line) {
  json::value value;
  try {
    value = parse_json(line);
  } catch (const JsonError&) {
    log("from the guest: " + std::string(line));
    return;
  }
  if (!value.is_object()) return;
  const json::object& object = value.as_object();
  if (const auto* progress = if_object(object, "progress")) {
    report_.progress(progress_from_json(*progress));
  } else if (const auto* text = if_string(object, "log")) {
    log(std::string(*text));
  } else if (object.contains("ok")) {
    last_ = object;
  }
}

void GuestReply::take(std::string_view bytes) {
  taken_ += bytes.size();
  if (taken_ > kMostReplied) {
    throw Away("read the reply of", "the guest",
               "it exceeds " + std::to_string(kMostReplied >> 20) + " MiB");
  }
  partial_ += bytes;
  std::size_t begin = 0;
  for (std::size_t end; (end = partial_.find('\n', begin)) != std::string::npos;
       begin = end + 1) {
    take_line(std::string_view(partial_).substr(begin, end - begin));
  }
  partial_.erase(0, begin);
  if (partial_.size() > kLongestReply) {
    throw Away("read the reply of", "the guest", "a line is too long");
  }
}

}  // namespace berth::worker
