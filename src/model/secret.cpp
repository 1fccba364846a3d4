// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/secret.hpp"

#include <algorithm>
#include <iterator>

#include "base/text.hpp"

namespace berth {
namespace {

// In lower case: words of documentation, defaults and log lines.
constexpr std::string_view kCommonWords[] = {
    "000000", "111111", "123123", "123456", "1234567", "12345678", "123456789",
    "1234567890", "abc123", "abcdef", "admin123", "administrator", "apache",
    "changeit", "changeme", "change-me", "change_me", "default", "development",
    "django", "dragon", "example", "foobar", "insecure", "letmein", "localhost",
    "master", "monkey", "passw0rd", "passwd", "password", "password1",
    "password123", "postgres", "postgresql", "private", "production", "public",
    "python", "qwerty", "secret", "secrets", "secret_key", "server", "staging",
    "string", "testing", "undefined", "unknown", "welcome"};

}  // namespace

std::optional<std::string> why_not_hidden(std::string_view secret,
                                          std::string_view application) {
  if (characters(secret) < kShortestHidden) {
    return "has fewer than " + std::to_string(kShortestHidden) +
           " characters";
  }
  if (secret.find_first_not_of(secret.front()) == std::string_view::npos) {
    return "is one character repeated";
  }
  const std::string word = lower(secret);
  if (!application.empty() && word == lower(application)) {
    return "is the application's name";
  }
  if (std::find(std::begin(kCommonWords), std::end(kCommonWords), word) !=
      std::end(kCommonWords)) {
    return "is a common word";
  }
  return std::nullopt;
}

std::string_view essence(std::string_view secret) {
  constexpr std::string_view kMark = "\xef\xbb\xbf";
  if (secret.starts_with(kMark)) secret.remove_prefix(kMark.size());
  return trimmed(secret);
}

std::string_view password_in(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  std::string_view place = url.substr(scheme + 3);
  place = place.substr(0, place.find('/'));
  const std::size_t sign = place.rfind('@');
  if (sign == std::string_view::npos) return {};
  const std::string_view user = place.substr(0, sign);
  const std::size_t colon = user.find(':');
  return colon == std::string_view::npos ? std::string_view()
                                         : user.substr(colon + 1);
}

}  // namespace berth
