// SPDX-License-Identifier: GPL-2.0-or-later
// A drop: one request, in one file TOKEN.json, which only berthd reads. The web
// side writes it into drop/, root's berthctl into drop-root/, which only root
// and berthd can enter. Only the folder makes a drop root's: `user` is a name,
// and in drop/ the names of root and Berth itself are refused.
//
//   {"version":1,"token":T,"user":U,"action":A,"target":S,"arguments":{...},
//    "at":RFC3339,"end":true}
//
// `end` is the last member, so that a truncated file is never valid. At most 64
// KiB, no unknown members. The writer may still hold the file open and change
// it, so the reader reads it once, through one descriptor, and uses only its
// copy.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/described.hpp"
#include "base/dir.hpp"

namespace berth {

inline constexpr std::size_t kLargestDrop = 64 * 1024;

struct Drop {
  std::string token;   // 32 lower-case hex digits, also the file's name
  std::string user;    // "root" for berthctl
  std::string action;  // runner/decide/actions.cpp lists them
  std::string target;  // server, "*", job number or application
  json::object arguments;
  Instant at = 0;
  bool by_root = false;  // from root's folder; not in the document
};
BOOST_DESCRIBE_STRUCT(Drop, (), (token, user, action, target, arguments, at))

// One of the two folders: only files of its owner are drops.
struct DropFolder {
  const Dir& dir;
  uid_t owner;
  bool roots = false;
};

json::object to_json(const Drop& drop);

// The fingerprint of a request, to detect one Idempotency-Key with two
// requests. An argument `seen`, which is what the web side knew when it wrote
// the drop, is excluded: the same request may be repeated after the state has
// changed.
std::string request_fingerprint(const Drop& drop);
// The token for an Idempotency-Key: it depends on the user as well.
std::string idempotent_token(const std::string& user, const std::string& key);

// Durable on return (file and directory fsynced). Returns false, without a
// change, if the token already exists.
bool write_drop(const Dir& drop_dir, const Drop& drop);

// The token in the name of a complete drop ("TOKEN.json"). A name that starts
// with `.` is an unfinished one.
std::optional<std::string> token_of_drop(const std::string& name);
std::string drop_name(const std::string& token);

// Why a file is not a drop; `copy` is what could be read of it, for bad/.
struct BadDrop {
  std::string reason;
  std::string copy;  // at most kLargestDrop bytes
};
struct ReadDrop {
  std::optional<Drop> drop;
  BadDrop bad;       // if there is no drop
  bool gone = false; // the file does not exist (any longer)
};
// Never follows a link, never blocks on a FIFO. Requires a regular file with
// one link, the folder's owner and at most kLargestDrop bytes; a drop that is
// not root's must not have the user root or berth.
ReadDrop read_drop(const DropFolder& folder, const std::string& token);

}  // namespace berth
