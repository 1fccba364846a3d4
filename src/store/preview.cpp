// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/preview.hpp"

#include "base/atomic_file.hpp"
#include "model/instant.hpp"

namespace berth {
namespace {

// JSON may write one byte as six.
constexpr std::size_t kLargestPreviewFile = 6 * kLargestPreview + (1 << 20);

std::string file_of(std::int64_t job) {
  return std::to_string(job) + kPreviewSuffix;
}

json::value or_null(const std::optional<std::string>& text) {
  return text ? json::value(*text) : json::value(nullptr);
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

json::value to_json(const PreviewFile& file) {
  return {{"path", file.path},
          {"state", file.state},
          {"mode", text_or_null(file.mode)},
          {"owner", text_or_null(file.owner)},
          {"text", or_null(file.text)},
          {"diff", or_null(file.diff)},
          {"left_out", text_or_null(file.left_out)}};
}

}  // namespace

void write_preview(const Dir& log, Preview preview) {
  std::size_t left = kLargestPreview;
  // What would change is asked for first.
  for (auto& file : preview.files) leave_out(file, file.diff, left);
  for (auto& file : preview.files) leave_out(file, file.text, left);
  json::array files;
  for (const auto& file : preview.files) files.push_back(to_json(file));
  const json::value body = {
      {"version", 1},
      {"job", preview.job},
      {"server", preview.server},
      {"application", preview.application},
      {"path", preview.path},
      {"revision", preview.revision},
      {"generation", text_or_null(preview.generation)},
      {"at", rfc3339(preview.at)},
      {"pending", berth::or_null(preview.pending)},
      {"files", std::move(files)}};
  write_durably(log, file_of(preview.job), json::serialize(body));
}

std::optional<json::object> read_preview(const Dir& log, std::int64_t job) {
  const auto text = log.read(file_of(job), kLargestPreviewFile);
  if (!text) return std::nullopt;
  json::value body = parse_json(*text);
  if (int64_or(body, "version", 0) != 1) {
    throw JsonError("preview: is of a format that this program does not know",
                    "version");
  }
  return std::move(body.as_object());
}

}  // namespace berth
