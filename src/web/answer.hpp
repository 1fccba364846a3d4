// SPDX-License-Identifier: GPL-2.0-or-later
// From CGI variables and a body to the bytes that go out: one request, whole
// before its head and body are given to `send`.
// The only place where exceptions of a request are caught. Errors that are not
// the client's go to `log`, with what failed, and to the client as a 500
// without it.
//
// Every reply says in X-Berth-Runner whether berthd is there ("up", "away").
// Published bodies do not change when it goes, so the mark is part of the
// ETag: a 304 means that this, too, is as before. (It must be: Apache strips
// such headers from a 304.)
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "web/console.hpp"
#include "web/proxy_secret.hpp"
#include "web/request.hpp"

namespace berth::web {

using LogLine = std::function<void(const std::string& line)>;
using Send = std::function<void(std::string_view head, std::string_view body)>;

class Answerer {
 public:
  // Reads the config, so that a process that was started with a good one has
  // it when it turns bad. A failure is told by every request until it is good.
  void prepare(const LogLine& log);
  // The config is looked at again when a file of it has changed; a bad one
  // leaves the old one in force and is logged once.
  void answer(const Lookup& lookup, const ReadBody& read_body,
              const Send& send, const LogLine& log);

 private:
  Console& console(const LogLine& log);
  // Throws Problem 403 for a request without the proxy's secret, where one is
  // set; Error while it cannot be read, so that nothing is answered then.
  void require_secret(const Lookup& lookup);
  std::optional<Console> console_;
  std::optional<ProxySecret> secret_;
  bool secret_read_ = false;
  std::string seen_;          // the config's files as last read
  std::int64_t looked_ms_ = -1;
};

}  // namespace berth::web
