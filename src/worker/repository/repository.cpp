// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/repository/repository.hpp"

#include <algorithm>
#include <set>

#include "base/error.hpp"
#include "base/name.hpp"

namespace berth::worker {

std::string resolve_revision(const ApplicationConfig& application,
                             const std::string& path,
                             const std::string& revision, Link& link,
                             Deadline deadline) {
  for (const Refusal& refusal :
       {refuse_path(application.kind, path),
        refuse_revision(application.kind, revision)}) {
    if (refusal) throw Error("find", application.name + " " + path, *refusal);
  }
  const std::string wanted = normal_revision(application.kind, revision);
  return application.kind == "git"
             ? resolve_git(application, path, wanted, link, deadline)
             : resolve_svn(application, path, wanted, link, deadline);
}

PathList list_paths(const ApplicationConfig& application, Link& link,
                    Deadline deadline) {
  PathList out = application.kind == "git"
                     ? list_git(application, link, deadline)
                     : list_svn(application, link, deadline);
  // A path that a request must not name is not suggested.
  std::erase_if(out.paths, [&](const RepositoryPath& entry) {
    return refuse_path(application.kind, entry.path).has_value();
  });
  // The first entry of a name is what a build would get: branches precede tags.
  std::set<std::string> seen;
  std::erase_if(out.paths, [&](const RepositoryPath& entry) {
    return !seen.insert(entry.path).second;
  });
  std::stable_sort(out.paths.begin(), out.paths.end(),
                   [](const auto& a, const auto& b) { return a.at > b.at; });
  if (out.paths.size() > kMostPaths) {
    out.paths.resize(kMostPaths);
    out.truncated = true;
  }
  return out;
}

}  // namespace berth::worker
