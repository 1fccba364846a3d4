// SPDX-License-Identifier: GPL-2.0-or-later
// receipts/TOKEN.json: the runner's durable decision on one drop, with every
// effect. The fsync of receipts/ is the instant of acceptance: before it
// nothing has happened, after it every effect will.
//
//   {"version":1,"token":T,"user":U,"request":F,"outcome":"accepted"|"refused",
//    "status":201,"detail":"...","server":S|null,"job":N|null,
//    "effects":[...],"extra":{...},"at":RFC3339}
//
// An effect is one of
//   {"kind":"hold","server":S,"event":E,"hold":{...}|null,"user":U,
//    "detail":"..."}
//   {"kind":"job","job":{...}}              (the whole queue file)
//   {"kind":"cancel","job":N,"user":U,"at":RFC3339}
//   {"kind":"drain","on":true|false}
// and can be applied any number of times. `extra` is added to the reply:
// holder, until, free, hold.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/described.hpp"
#include "base/dir.hpp"

namespace berth {

struct Receipt {
  std::string token;
  std::string user;
  std::string request;  // request_fingerprint of the drop
  bool accepted = false;
  int status = 0;       // HTTP status of the reply
  std::string detail;   // one line that states what to do
  std::string server;   // requested or chosen; empty: none
  std::optional<std::int64_t> job;
  json::array effects;
  json::object extra;
  Instant at = 0;
};
// The rest of the document is by hand: `accepted` is a text there.
BOOST_DESCRIBE_STRUCT(Receipt, (),
                      (status, detail, server, job, effects, extra, at))
template <>
inline constexpr JsonRules kJsonRules<Receipt>{.nulled = {"server"}};

json::object to_json(const Receipt& receipt);
Receipt receipt_from_json(const json::value& value);  // throws JsonError

// Durable on return. Throws if the token has a receipt: deciding twice is a
// bug.
void write_receipt(const Dir& receipts, const Receipt& receipt);
// nullopt if there is none. Throws JsonError for a newer format.
std::optional<Receipt> read_receipt(const Dir& receipts,
                                    const std::string& token);
std::vector<std::string> list_receipts(const Dir& receipts);  // tokens

}  // namespace berth
