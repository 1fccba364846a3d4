// SPDX-License-Identifier: GPL-2.0-or-later
// The secret that Apache and berth.fcgi share if berth.fcgi listens on a socket
// (mod_proxy_fcgi, berth-web.service). A client of a FastCGI socket names the
// user itself, so a program that runs as Apache's user - a PHP pool, a CGI
// script - could act as any user of the console. Apache reads the secret as
// root, before it drops its privileges, and sends it with each request as
// BERTH_SECRET; a request without it is refused.
//
// The file is the Apache directive itself, with mode 0600 and owned by root, so
// that there is one copy of the secret and no Define that an .htaccess could
// expand:
//
//   ProxyFCGISetEnvIf "true" BERTH_SECRET "64 hexadecimal digits"
//
// systemd passes it to berth.fcgi (LoadCredential), which finds it by the
// environment variable BERTH_SECRET_FILE. Without that variable no secret is
// required: mod_fcgid starts the program itself, and there is no socket to
// connect to.
//
//   const auto secret = ProxySecret::from_environment();
//   if (secret && !secret->is(request_parameter)) refuse();
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace berth::web {

class ProxySecret {
 public:
  // nullopt if BERTH_SECRET_FILE is not set or empty. Throws Error for a file
  // that cannot be read or is not such a directive.
  static std::optional<ProxySecret> from_environment();
  // Throws Error, naming `path`, for a text that is not such a directive.
  static ProxySecret parse(std::string_view text, const std::string& path);

  // Takes the same time for a wrong value as for the right one.
  bool is(std::string_view presented) const;

 private:
  explicit ProxySecret(std::string value) : value_(std::move(value)) {}
  std::string value_;
};

}  // namespace berth::web
