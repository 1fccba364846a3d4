// SPDX-License-Identifier: GPL-2.0-or-later
// Questions to an application's repository, asked from the runner's side with
// the svn and git programs and berth's own credentials; nothing is checked out
// here. Names come validated (base/name.hpp) and are validated again; every
// URL stands behind `--`.
//
// A revision is resolved once, here, and every later step uses the result:
//   svn  a given number as it is, once path@number exists; the newest is the
//        path's last changed revision, so that a commit on another branch does
//        not make "the same" build look new
//   git  a full hash; the branch's or tag's own when none is given, else a
//        commit that the branch or tag contains (7 digits are enough)
//
// A list is what the repository advertises; git's ages are asked of it next, in
// a bounded fetch of single commits. Where that fails - one ref of many, or a
// server that sends files as well - the names are there without ages.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/config.hpp"
#include "base/error.hpp"
#include "step/deadline.hpp"
#include "step/link.hpp"

namespace berth::worker {

// The repository answers and has no such path, branch or tag.
struct NoSuchPath : Error {
  using Error::Error;
};

struct RepositoryPath {
  std::string path;
  std::string revision;
  std::string at;      // RFC 3339; empty when the repository does not say
  std::string author;
};

struct PathList {
  std::vector<RepositoryPath> paths;  // newest first where times are known
  bool truncated = false;
};

inline constexpr std::size_t kMostPaths = 2000;
inline constexpr std::size_t kLongestAuthor = 200;  // bytes

// Throws Error with a reason for people.
std::string resolve_revision(const ApplicationConfig& application,
                             const std::string& path,
                             const std::string& revision, Link& link,
                             Deadline deadline);
PathList list_paths(const ApplicationConfig& application, Link& link,
                    Deadline deadline);

// The address of path@revision, percent-encoded, with its peg.
std::string svn_url(const std::string& repository, const std::string& path,
                    const std::string& peg);

// What svn's --xml says of each entry; an author may be anything. `cut`: the
// end is missing. Throws Error for what is no XML.
struct SvnEntry {
  std::string name, revision, at, author;
  bool folder = false;
};
std::vector<SvnEntry> svn_entries(std::string xml, bool cut);

// The two kinds, in repository_svn.cpp and repository_git.cpp.
std::string resolve_svn(const ApplicationConfig&, const std::string& path,
                        const std::string& revision, Link&, Deadline);
// Of a branch's whole history `most_history` bytes are fetched at most.
inline constexpr std::int64_t kMostForHistory = std::int64_t{256} << 20;
std::string resolve_git(const ApplicationConfig&, const std::string& path,
                        const std::string& revision, Link&, Deadline,
                        std::int64_t most_history = kMostForHistory);
PathList list_svn(const ApplicationConfig&, Link&, Deadline);
PathList list_git(const ApplicationConfig&, Link&, Deadline);

}  // namespace berth::worker
