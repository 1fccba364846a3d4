// SPDX-License-Identifier: GPL-2.0-or-later
// The secret that Apache and berth.fcgi share where berth.fcgi listens on a
// socket of its own (mod_proxy_fcgi, berth-web.service). Whoever connects to a
// FastCGI socket names the user, so a program that runs as Apache's user - a
// PHP pool, a CGI script - could be any user of the console. Apache reads the
// secret as root, before it gives its rights away, and sends it with each
// request as BERTH_SECRET; a request without it is refused.
//
// The file is the Apache directive itself, mode 0600 and root's, so that there
// is one copy of the secret and no Define that an .htaccess could expand:
//
//   ProxyFCGISetEnvIf "true" BERTH_SECRET "64 hexadecimal digits"
//
// systemd hands it to berth.fcgi (LoadCredential), which finds it by the
// environment's BERTH_SECRET_FILE. Without that variable no secret is required:
// mod_fcgid starts the program itself and there is no socket to connect to.
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
  // nullopt where BERTH_SECRET_FILE is not set or empty. Throws Error for a
  // file that cannot be read or is not one such directive.
  static std::optional<ProxySecret> from_environment();
  // Throws Error, naming `path`, for a text that is not one such directive.
  static ProxySecret parse(std::string_view text, const std::string& path);

  // Takes as long for a wrong value as for the right one.
  bool is(std::string_view presented) const;

 private:
  explicit ProxySecret(std::string value) : value_(std::move(value)) {}
  std::string value_;
};

}  // namespace berth::web
