// SPDX-License-Identifier: GPL-2.0-or-later
// A drop: one submission, one file drop/TOKEN.json, written by the web side or
// berthctl and read by berthd alone.
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
#include "base/dir.hpp"
#include "base/json.hpp"

namespace berth {

inline constexpr std::size_t kLargestDrop = 64 * 1024;

struct Drop {
  std::string token;   // 32 lower-case hex digits, also the file's name
  std::string user;    // "root" for berthctl
  std::string action;  // reserve release build preview check cancel ...
  std::string target;  // server, "*", job number or application
  json::object arguments;
  Instant at = 0;
  uid_t owner = 0;     // of the file; not in the document
};

json::value to_json(const Drop& drop);

// What was asked, for telling one Idempotency-Key with two bodies. An argument
// `seen` is what the web side knew when it wrote the drop, and is left out: the
// same request may find another state the second time.
std::string request_fingerprint(const Drop& drop);
// The token for an Idempotency-Key: bound to the user.
std::string idempotent_token(const std::string& user, const std::string& key);

// Durable on return (file and directory fsynced). False when the token is
// already there; nothing is changed then.
bool write_drop(const Dir& drop_dir, const Drop& drop);

// Names that look like finished drops ("TOKEN.json"), and the rest, sorted.
struct DropNames {
  std::vector<std::string> tokens;
  std::vector<std::string> strangers;  // without names that start with `.`
};
DropNames list_drops(const Dir& drop_dir);

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
// link, owner `web_uid` or 0, at most kLargestDrop bytes.
ReadDrop read_drop(const Dir& drop_dir, const std::string& token,
                   uid_t web_uid);

}  // namespace berth
