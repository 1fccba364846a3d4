// SPDX-License-Identifier: GPL-2.0-or-later
// log/N.preview.json: the result of job N, a preview; GET /jobs/N/preview.
//
//   {"version":1,"job":N,"server":S,"application":A,"path":P,"revision":R,
//    "generation":G|null,"at":RFC3339,"pending":JOB|null,"files":[
//     {"path":"etc/shop/settings.py","state":"new"|"changed"|"same",
//      "mode":"0640"|null,"owner":"root:www-data"|null,
//      "text":"..."|null,"diff":"..."|null,"left_out":"why"|null}]}
//
// state, and mode and owner (of the guest's file), describe the guest before
// the build. text: the file as a build would write it; diff: what would change,
// in the form of `diff -u` with a/ and b/ before the path, empty if nothing
// would. In both, secrets are masked, and control characters except tab and
// newline are \xNN. A text that is too long is null, and left_out has the
// reason. pending: a job whose switch was under way meanwhile.
//
// It has one writer, the job's worker: whole (aside, rename, both fsynced) and
// before its last record, so a preview that succeeded has one; a repeated
// attempt replaces it. kill -9 leaves at most an unfinished .name, which berthd
// removes at its next start. It is removed with the job's log.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/described.hpp"
#include "base/dir.hpp"

namespace berth {

inline constexpr const char* kPreviewSuffix = ".preview.json";
// Of all texts and diffs; the rest is some hundred bytes per file.
inline constexpr std::size_t kLargestPreview = 2 << 20;

struct PreviewFile {
  std::string path;
  std::string state;
  std::string mode, owner;           // empty for a new file
  std::optional<std::string> text, diff;
  std::string left_out;              // empty: not omitted
};
BOOST_DESCRIBE_STRUCT(PreviewFile, (),
                      (path, state, mode, owner, text, diff, left_out))
template <>
inline constexpr JsonRules kJsonRules<PreviewFile>{
    .nulled = {"mode", "owner", "left_out"}};

struct Preview {
  std::int64_t job = 0;
  std::string server, application, path, revision, generation;
  Instant at = 0;
  std::optional<std::int64_t> pending;
  std::vector<PreviewFile> files;
};
BOOST_DESCRIBE_STRUCT(Preview, (),
                      (job, server, application, path, revision, generation, at,
                       pending, files))
template <>
inline constexpr JsonRules kJsonRules<Preview>{.nulled = {"generation"}};

// Texts and diffs beyond kLargestPreview are omitted.
void write_preview(const Dir& log, Preview preview);

// As written; nullopt: there is none. Throws JsonError for a format that this
// version does not support.
std::optional<json::object> read_preview(const Dir& log, std::int64_t job);

}  // namespace berth
