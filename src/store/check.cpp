// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/check.hpp"

#include "base/atomic_file.hpp"
#include "base/error.hpp"

namespace berth {
namespace {

constexpr std::size_t kLargest = 256 * 1024;

}  // namespace

json::object to_json(const Check& c) {
  json::object out = {{"version", 1}};
  write_members(out, c);
  return out;
}

Check check_from_json(const json::value& value) {
  ObjectReader in(value, "check");
  if (in.integer("version") != 1) {
    throw JsonError("check: unsupported format",
                    "version");
  }
  Check out;
  read_members(in, out);
  in.finish();
  return out;
}

Dir checks_dir(const std::string& lib) {
  Dir(lib).make("checks", 0700);
  return Dir(lib + "/checks");
}

void write_check(const Dir& checks, const Check& check) {
  const std::string text = json::serialize(to_json(check)) + "\n";
  // A finding that could not be read again is not written.
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
    throw JsonError("check: belongs to another server", "server");
  }
  return out;
}

}  // namespace berth
