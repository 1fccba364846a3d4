// SPDX-License-Identifier: GPL-2.0-or-later
#include "web/proxy_secret.hpp"

#include <cstdlib>

#include "base/dir.hpp"
#include "base/error.hpp"

namespace berth::web {
namespace {

constexpr std::string_view kDirective =
    "ProxyFCGISetEnvIf \"true\" BERTH_SECRET \"";
constexpr std::size_t kLeastDigits = 32;  // 128 bits
constexpr std::size_t kLargestFile = 4096;
constexpr const char* kWhatItHolds =
    "must hold one line, ProxyFCGISetEnvIf \"true\" BERTH_SECRET \"DIGITS\", "
    "with at least 32 hexadecimal digits; docs/security.md has the command to "
    "make it";

}  // namespace

std::optional<ProxySecret> ProxySecret::from_environment() {
  const char* set = ::getenv("BERTH_SECRET_FILE");
  const std::string path = set ? set : "";
  if (path.empty()) return std::nullopt;
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos || slash == 0) {
    throw Error("read the proxy's secret", path,
                "BERTH_SECRET_FILE must be an absolute path in a folder");
  }
  const auto text =
      Dir(path.substr(0, slash)).read(path.substr(slash + 1), kLargestFile);
  if (!text) {
    throw Error("read the proxy's secret", path, "no such file");
  }
  return parse(*text, path);
}

ProxySecret ProxySecret::parse(std::string_view text,
                               const std::string& path) {
  if (!text.starts_with(kDirective)) {
    throw Error("read the proxy's secret", path, kWhatItHolds);
  }
  text.remove_prefix(kDirective.size());
  const std::string_view digits = text.substr(0, text.find('"'));
  if (digits.size() < kLeastDigits ||
      digits.find_first_not_of("0123456789abcdef") != std::string::npos ||
      (text.substr(digits.size()) != "\"\n" &&
       text.substr(digits.size()) != "\"")) {
    throw Error("read the proxy's secret", path, kWhatItHolds);
  }
  return ProxySecret(std::string(digits));
}

bool ProxySecret::is(std::string_view presented) const {
  if (presented.size() != value_.size()) return false;
  unsigned differs = 0;
  for (std::size_t i = 0; i < value_.size(); ++i) {
    differs |= static_cast<unsigned>(presented[i] ^ value_[i]);
  }
  return differs == 0;
}

}  // namespace berth::web
