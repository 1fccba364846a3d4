// SPDX-License-Identifier: GPL-2.0-or-later
// lib/state/: the bodies of the API, ready to send. A cache: never
// authoritative, made again at start, never fsynced.
//
// One file is one resource: a head line "ETAG LENGTH\n" (32 hexadecimal digits,
// bytes of the body), then the body, JSON. A reader that finds another length
// reads again. A name may have one folder: "job/12.json".
//
//   servers.json server/S.json jobs.json job/N.json queue.json hosts.json
//   applications.json clusters.json health.json     written by berthd
//   hosts/H.json                                    written by berth-watch
//   clusters/C.json applications/A.paths.json       written by berth-worker
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/dir.hpp"
#include "base/json.hpp"

namespace berth {

struct StateBody {
  std::string etag;  // without quotes
  std::string body;
};

class State {
 public:
  explicit State(const std::string& state_dir);

  // Creates the folders hosts/ clusters/ applications/ server/ job/ if they do
  // not exist. Returns false, and writes nothing, if the body is unchanged.
  bool write(const std::string& name, const json::value& body) const;
  bool write_text(const std::string& name, std::string_view body) const;
  // nullopt: no such resource.
  std::optional<StateBody> read(const std::string& name) const;
  // The body parsed; throws JsonError.
  std::optional<json::value> read_json(const std::string& name) const;
  bool remove(const std::string& name) const;
  // The names in a folder, without ".json"; empty if it does not exist.
  std::vector<std::string> list(const std::string& folder) const;
  // Sets the file's time to now: the heartbeat of hosts/H.json.
  void touch(const std::string& name) const;
  // That time, in wall-clock milliseconds.
  std::optional<std::int64_t> touched_ms(const std::string& name) const;

 private:
  Dir dir_;
};

}  // namespace berth
