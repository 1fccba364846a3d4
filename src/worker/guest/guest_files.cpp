// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/guest/guest_files.hpp"

#include "base/base64.hpp"
#include "base/error.hpp"

namespace berth::worker {
namespace {

[[noreturn]] void not_understood(const Context& context,
                                 const std::string& why) {
  throw Error("read files on", context.job.server, "its reply " + why);
}

// False if the text is still missing and must be requested again.
bool take(const Context& context, const json::value& entry, GuestFile& into) {
  ObjectReader in(entry, "file");
  in.string("path");
  into.there = in.boolean("there");
  if (!into.there) return true;
  const Mask& mask = context.link.mask();
  into.mode = mask.line(in.string("mode"), 40);
  into.owner = mask.line(in.string("owner"), 80);
  const std::int64_t size = in.integer("size");
  const bool too_large = in.boolean("too_large");
  const auto content = in.optional_string("content");
  if (too_large) {
    into.left_out = "the file on the guest is too large to compare (" +
                    std::to_string(size >> 10) + " KiB)";
    return true;
  }
  if (!content) return false;
  const auto text = from_base64(*content);
  if (!text) not_understood(context, "contains a file that is not base64");
  into.text = *text;
  return true;
}

}  // namespace

GuestFiles read_guest_files(const Context& context, Guest& guest,
                            const std::vector<std::string>& paths,
                            Report& report, Deadline deadline) {
  GuestFiles out;
  std::vector<std::string> missing = paths;
  // A reply holds some hundred KiB; files that did not fit are requested again.
  while (!missing.empty()) {
    const json::object reply = guest.call(
        "read",
        {{"application", context.application.name},
         {"paths", json::array(missing.begin(), missing.end())}},
        report, deadline);
    std::vector<std::string> still;
    try {
      const json::value body(reply);
      ObjectReader in(body, "reply");
      if (const auto job = in.optional_integer("pending")) out.pending = job;
      const json::value& files = in.value("files");
      if (!files.is_array() || files.as_array().size() != missing.size()) {
      not_understood(context, "lists other files");
      }
      for (std::size_t i = 0; i < missing.size(); ++i) {
        if (!take(context, files.as_array()[i], out.files[missing[i]])) {
          still.push_back(missing[i]);
        }
      }
    } catch (const JsonError& e) {
      not_understood(context, std::string("is malformed: ") + e.what());
    }
    if (still.size() == missing.size()) {
      not_understood(context, "contains no file");
    }
    missing = std::move(still);
  }
  return out;
}

}  // namespace berth::worker
