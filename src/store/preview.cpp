// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/preview.hpp"

#include "base/atomic_file.hpp"

namespace berth {
namespace {

// JSON may escape one byte as six.
constexpr std::size_t kLargestPreviewFile = 6 * kLargestPreview + (1 << 20);

std::string file_of(std::int64_t job) {
  return std::to_string(job) + kPreviewSuffix;
}

void leave_out(PreviewFile& file, std::optional<std::string>& part,
               std::size_t& left) {
  if (!part) return;
  if (part->size() <= left) {
    left -= part->size();
    return;
  }
  part.reset();
  if (file.left_out.empty()) file.left_out = "the preview would be too large";
}

}  // namespace

void write_preview(const Dir& log, Preview preview) {
  std::size_t left = kLargestPreview;
  // The changes matter most.
  for (auto& file : preview.files) leave_out(file, file.diff, left);
  for (auto& file : preview.files) leave_out(file, file.text, left);
  json::object body = {{"version", 1}};
  write_members(body, preview);
  write_durably(log, file_of(preview.job), json::serialize(body));
}

std::optional<json::object> read_preview(const Dir& log, std::int64_t job) {
  const auto text = log.read(file_of(job), kLargestPreviewFile);
  if (!text) return std::nullopt;
  json::value body = parse_json(*text);
  if (int64_or(body, "version", 0) != 1) {
    throw JsonError("preview: unsupported format",
                    "version");
  }
  return std::move(body.as_object());
}

}  // namespace berth
