// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/repository/paths.hpp"

#include "base/lock.hpp"
#include "base/log.hpp"
#include "store/layout.hpp"
#include "store/state.hpp"
#include "worker/repository/repository.hpp"

namespace berth::worker {
namespace {

constexpr std::int64_t kDeadline = 120;  // seconds

json::value text_or_null(const std::string& text) {
  return text.empty() ? json::value(nullptr) : json::value(text);
}

}  // namespace

int paths_chore(const Config& config, const std::string& name) {
  const auto found = config.applications.find(name);
  if (found == config.applications.end()) {
    throw Error("list the paths of", "application " + name,
                "it is not in berth.conf");
  }
  const Layout layout(config.paths);
  const Dir locks(layout.lock);
  const auto lock = Lock::try_take(locks, "paths-" + name);
  if (!lock) return 0;
  Link link = Link::inherited();
  PathList list;
  try {
    list = list_paths(found->second, link, Deadline::in_s(kDeadline));
  } catch (const Interrupted&) {
    return 0;
  } catch (const Error& e) {
    log_warning(e.what());
    return 1;
  }
  json::array paths;
  for (const RepositoryPath& entry : list.paths) {
    paths.push_back({{"path", entry.path},
                     {"revision", entry.revision},
                     {"at", text_or_null(entry.at)},
                     {"author", text_or_null(entry.author)}});
  }
  const json::object body{{"application", name},
                          {"as_of", rfc3339(wall_now())},
                          {"paths", paths},
                          {"truncated", list.truncated}};
  State(layout.state).write("applications/" + name + ".paths.json", body);
  return 0;
}

}  // namespace berth::worker
