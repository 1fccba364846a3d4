// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/repository/known_paths.hpp"

#include <algorithm>
#include <numeric>

#include "base/text.hpp"
#include "step/mask.hpp"
#include "store/state.hpp"

namespace berth::worker {
namespace {

constexpr std::size_t kNearOnes = 3;
constexpr std::size_t kLongest = 200;  // longer ones are not compared

// The Levenshtein distance.
std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t corner = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = corner + (a[i] == b[j] ? 0 : 1);
      corner = row[j + 1];
      row[j + 1] = std::min({changed, corner + 1, row[j] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::vector<std::string> nearest(const std::vector<std::string>& known,
                                 const std::string& path) {
  std::vector<std::pair<std::size_t, std::string>> found;
  if (path.size() > kLongest) return {};
  for (const std::string& candidate : known) {
    if (candidate.size() > kLongest) continue;
    const std::size_t letters = distance(path, candidate);
    if (letters <= std::max<std::size_t>(2, path.size() / 3)) {
      found.emplace_back(letters, candidate);
    }
  }
  std::sort(found.begin(), found.end());
  if (found.size() > kNearOnes) found.resize(kNearOnes);
  std::vector<std::string> out;
  for (auto& [letters, candidate] : found) out.push_back(std::move(candidate));
  return out;
}

std::string near_paths(const Layout& layout, const std::string& application,
                       const std::string& path) {
  std::vector<std::string> known;
  try {
    const auto body = State(layout.state).read_json("applications/" +
                                                    application +
                                                    ".paths.json");
    if (!body) return "";
    for (const json::value& item : body->at("paths").as_array()) {
      known.emplace_back(item.at("path").as_string());
    }
  } catch (const std::exception&) {
    return "";  // only a cache: an unreadable one suggests nothing
  }
  const auto near = nearest(known, path);
  return near.empty() ? "" : "; near: " + one_line(join(near, ", "), 1000);
}

}  // namespace berth::worker
