// SPDX-License-Identifier: GPL-2.0-or-later
// Queries an application's repository from this host, with the svn and git
// programs and berth's own credentials; nothing is checked out here. Names were
// validated by the caller (base/name.hpp) and are validated again; every URL
// follows `--`.
//
// A revision is resolved once, here, and every later step uses the result:
//   svn  a given number is used as it is if path@number exists; the newest is
//        the path's last changed revision, so that a commit on another branch
//        does not make the same build look new
//   git  a full hash: that of the branch or tag if no revision is given, else
//        that of a commit which the branch or tag contains (7 digits suffice)
//
// A list contains what the repository advertises. git does not advertise ages;
// they are determined afterwards, in a bounded fetch of single commits. If that
// fails - for one ref of many, or because the server sends files as well - the
// names are listed without ages.
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

// The repository is reachable and has no such path, branch or tag.
struct NoSuchPath : Error {
  using Error::Error;
};

struct RepositoryPath {
  std::string path;
  std::string revision;
  std::string at;      // RFC 3339; empty when the repository does not report it
  std::string author;
};

struct PathList {
  std::vector<RepositoryPath> paths;  // newest first as far as ages are known
  bool truncated = false;
};

inline constexpr std::size_t kMostPaths = 2000;
inline constexpr std::size_t kLongestAuthor = 200;  // bytes

// Throws Error whose message is meant for users.
std::string resolve_revision(const ApplicationConfig& application,
                             const std::string& path,
                             const std::string& revision, Link& link,
                             Deadline deadline);
PathList list_paths(const ApplicationConfig& application, Link& link,
                    Deadline deadline);

// The URL of path@revision, percent-encoded, with its peg revision.
std::string svn_url(const std::string& repository, const std::string& path,
                    const std::string& peg);

// Parses the --xml output of svn list and svn info. An author may be any text.
// `cut`: the end of the output is missing. Throws Error for invalid XML.
struct SvnEntry {
  std::string name, revision, at, author;
  bool folder = false;
};
std::vector<SvnEntry> svn_entries(std::string xml, bool cut);

// The two kinds of repository, in repository_svn.cpp and repository_git.cpp.
std::string resolve_svn(const ApplicationConfig&, const std::string& path,
                        const std::string& revision, Link&, Deadline);
// Of a branch's history at most `most_history` bytes are fetched.
inline constexpr std::int64_t kMostForHistory = std::int64_t{256} << 20;
std::string resolve_git(const ApplicationConfig&, const std::string& path,
                        const std::string& revision, Link&, Deadline,
                        std::int64_t most_history = kMostForHistory);
PathList list_svn(const ApplicationConfig&, Link&, Deadline);
PathList list_git(const ApplicationConfig&, Link&, Deadline);

}  // namespace berth::worker
