// SPDX-License-Identifier: GPL-2.0-or-later
// A drop: one submission, one file TOKEN.json, read by berthd alone. The web
// side writes it into drop/, root's berthctl into drop-root/, which nobody but
// root and berthd can enter. Whose folder it came from is all that makes it
// root's: `user` is only a name, and drop/ has none in root's or Berth's own.
//
//   {"version":1,"token":T,"user":U,"action":A,"target":S,"arguments":{...},
//    "at":RFC3339,"end":true}
//
// `end` is the last member: a short file never parses. 64 KiB at most, unknown
// members refused. The writer may still hold the file open and change it, so
// the reader reads once, through one descriptor, and believes only its copy.
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

// One of the two folders: its owner's files are drops, and nobody else's.
struct DropFolder {
  const Dir& dir;
  uid_t owner;
  bool roots = false;
};

json::object to_json(const Drop& drop);

// What was asked, for telling one Idempotency-Key with two bodies. An argument
// `seen` is what the web side knew when it wrote the drop, and is left out: the
// same request may find another state the second time.
std::string request_fingerprint(const Drop& drop);
// The token for an Idempotency-Key: bound to the user.
std::string idempotent_token(const std::string& user, const std::string& key);

// Durable on return (file and directory fsynced). False when the token is
// already there; nothing is changed then.
bool write_drop(const Dir& drop_dir, const Drop& drop);

// The token when a name is that of a finished drop ("TOKEN.json"). A name that
// starts with `.` is an unfinished one.
std::optional<std::string> token_of_drop(const std::string& name);
std::string drop_name(const std::string& token);

// Why a file is no drop; `copy` is what could be read of it, for bad/.
struct BadDrop {
  std::string reason;
  std::string copy;  // at most kLargestDrop bytes
};
struct ReadDrop {
  std::optional<Drop> drop;
  BadDrop bad;       // when there is no drop
  bool gone = false; // it was not there (any more)
};
// Never follows a link, never blocks on a FIFO. Requires a regular file, one
// link, the folder's owner, at most kLargestDrop bytes; and that a drop that is
// not root's is in no name of root's or Berth's own.
ReadDrop read_drop(const DropFolder& folder, const std::string& token);

}  // namespace berth
