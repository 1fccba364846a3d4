// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/check.hpp"

#include "base/atomic_file.hpp"
#include "base/error.hpp"
#include "model/instant.hpp"
#include "model/texts.hpp"

namespace berth {
namespace {

constexpr std::size_t kLargest = 256 * 1024;

json::array list(const std::vector<std::string>& from) {
  json::array out;
  for (const auto& text : from) out.emplace_back(text);
  return out;
}

}  // namespace

json::value to_json(const Check& c) {
  json::array files;
  for (const auto& [path, state] : c.files) {
    files.push_back({{"path", path}, {"state", state}});
  }
  return {{"version", 1},
          {"server", c.server},
          {"job", c.job},
          {"build", c.build},
          {"at", rfc3339(c.at)},
          {"problems", list(c.problems)},
          {"files", std::move(files)},
          {"edits", c.edits},
          {"names", list(c.names)}};
}

Check check_from_json(const json::value& value) {
  ObjectReader in(value, "check");
  if (in.integer("version") != 1) {
    throw JsonError("check: is of a format that this program does not know",
                    "version");
  }
  Check out;
  out.server = in.string("server");
  out.job = in.integer("job");
  out.build = in.integer("build");
  out.at = read_instant(in, "at");
  out.problems = texts_from_json(in.value("problems"), "check", "problems");
  const json::value& files = in.value("files");
  if (!files.is_array()) throw JsonError("check: no files", "files");
  for (const auto& item : files.get_array()) {
    ObjectReader file(item, "file");
    std::string path = file.string("path");
    out.files.emplace_back(std::move(path), file.string("state"));
    file.finish();
  }
  out.edits = in.integer("edits");
  out.names = texts_from_json(in.value("names"), "check", "names");
  in.finish();
  return out;
}

Dir checks_dir(const std::string& lib) {
  Dir(lib).make("checks", 0700);
  return Dir(lib + "/checks");
}

void write_check(const Dir& checks, const Check& check) {
  const std::string text = json::serialize(to_json(check)) + "\n";
  // What could not be read again is not written.
  if (text.size() > kLargest) {
    throw Error("write", "the check of " + check.server,
                "it has " + std::to_string(text.size()) + " bytes");
  }
  write_durably(checks, check.server + ".json", text);
}

std::optional<Check> read_check(const Dir& checks, const std::string& server) {
  const auto text = checks.read(server + ".json", kLargest);
  if (!text) return std::nullopt;
  Check out = check_from_json(parse_json(*text));
  if (out.server != server) {
    throw JsonError("check: is of another server", "server");
  }
  return out;
}

}  // namespace berth
