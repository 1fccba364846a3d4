// SPDX-License-Identifier: GPL-2.0-or-later
// Answers a request: from the CGI variables and the body to the complete head
// and body, which are passed to `send`. Exceptions of a request are caught only
// here. An error that is not the client's is passed to `log` with what failed,
// and sent to the client as a 500 without it.
//
// The header X-Berth-Runner of every reply reports whether berthd runs ("up",
// "away"). Published bodies do not change when berthd stops, so the header's
// value is part of the ETag, and a 304 means that it is unchanged too. (It must
// be part of it, because Apache removes such headers from a 304.)
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
  // Reads the configuration at start, so that a process that started with a
  // valid one keeps it when the file becomes invalid. A failure is logged by
  // every request until it is valid.
  void prepare(const LogLine& log);
  // The configuration is read again when one of its files has changed; an
  // invalid one is logged once, and the previous one stays in force.
  void answer(const Lookup& lookup, const ReadBody& read_body,
              const Send& send, const LogLine& log);

 private:
  Console& console(const LogLine& log);
  // Throws Problem 403 for a request without the proxy's secret, if one is set;
  // Error while the secret cannot be read, so that nothing is answered then.
  void require_secret(const Lookup& lookup);
  std::optional<Console> console_;
  std::optional<ProxySecret> secret_;
  bool secret_read_ = false;
  std::string seen_;          // stamp of the config's files when last read
  std::int64_t looked_ms_ = -1;
};

}  // namespace berth::web
