// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/guest_mask.hpp"

#include <algorithm>
#include <cctype>

#include "base/text.hpp"

namespace berth::worker {
namespace {

constexpr std::string_view kHidden = "*****";
constexpr std::size_t kKeyLength = 20;
constexpr const char* kWords[] = {"passw",     "passphrase", "pwd",
                                  "secret",    "token",      "api_key",
                                  "apikey",    "api-key",    "access_key",
                                  "private",   "credential", "authorization",
                                  "signing",   "encryption", "_key",
                                  "dsn",       "cookie"};

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// Without the quotes and blanks that stand right before a value: another
// value may have others.
std::string_view without_quotes(std::string_view head) {
  while (!head.empty() && (is_blank(head.back()) || head.back() == '\'' ||
                           head.back() == '"')) {
    head.remove_suffix(1);
  }
  return head;
}

// From `at` on, but for blanks.
void hide_from(std::string& line, std::size_t at) {
  while (at < line.size() && is_blank(line[at])) ++at;
  if (at >= line.size()) return;
  line.erase(at);
  line += kHidden;
}

// What follows the first such word: behind its `=` or `:`, else behind the
// word itself.
void hide_named(std::string& line) {
  const std::string low = lower(line);
  std::size_t end = std::string::npos;
  for (const std::string_view word : kWords) {
    const std::size_t at = low.find(word);
    if (at != std::string::npos) end = std::min(end, at + word.size());
  }
  if (end == std::string::npos) return;
  while (end < line.size() &&
         (std::isalnum(static_cast<unsigned char>(line[end])) ||
          line[end] == '_' || line[end] == '-')) {
    ++end;
  }
  const std::size_t separator = line.find_first_of("=:", end);
  hide_from(line, separator == std::string::npos ? end : separator + 1);
}

// user:password@ behind ://.
void hide_userinfo(std::string& line) {
  for (std::size_t at = line.find("://"); at != std::string::npos;
       at = line.find("://", at + 3)) {
    const std::size_t from = at + 3;
    const std::size_t end = line.find_first_of("/ \t'\"", from);
    const std::size_t stop = std::min(end, line.size());
    const std::size_t sign =
        std::string_view(line).substr(from, stop - from).rfind('@');
    if (sign == std::string_view::npos) continue;
    line.replace(from, sign, kHidden);
  }
}

bool looks_like_a_key(std::string_view run) {
  const auto any = [run](int (*is)(int)) {
    return std::any_of(run.begin(), run.end(), [is](char c) {
      return is(static_cast<unsigned char>(c)) != 0;
    });
  };
  return run.size() >= kKeyLength && any(std::isdigit) && any(std::islower) &&
         any(std::isupper);
}

void hide_keys(std::string& line) {
  constexpr std::string_view kAlso = "+=_-";
  const auto in_run = [&](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           kAlso.find(c) != std::string_view::npos;
  };
  // A line of a key's body, whose slashes would leave pieces of it.
  const std::string_view body = trimmed(line);
  if (looks_like_a_key(body) &&
      std::all_of(body.begin(), body.end(),
                  [&](char c) { return in_run(c) || c == '/'; })) {
    line = kHidden;
    return;
  }
  for (std::size_t from = 0; from < line.size();) {
    std::size_t end = from;
    while (end < line.size() && in_run(line[end])) ++end;
    if (looks_like_a_key(std::string_view(line).substr(from, end - from))) {
      line.replace(from, end - from, kHidden);
      end = from + kHidden.size();
    }
    from = end + 1;
  }
}

}  // namespace

GuestMask::GuestMask(const Mask& known, std::string_view outline)
    : known_(known) {
  for (const std::string& line : split(outline, '\n')) {
    const std::size_t at = line.find(kPlaceholder);
    if (at == std::string::npos) continue;
    heads_.emplace_back(
        without_quotes(trimmed(std::string_view(line).substr(0, at))));
  }
}

bool GuestMask::hide_at_head(std::string& line) const {
  const std::string_view text = trimmed(line);
  const std::size_t indent = line.find_first_not_of(" \t\r");
  for (const std::string& head : heads_) {
    if (!text.starts_with(head)) continue;
    hide_from(line, indent + head.size());
    return true;
  }
  return false;
}

std::string GuestMask::operator()(std::string_view raw) const {
  std::string line = known_(raw);
  if (hide_at_head(line)) return line;
  hide_named(line);
  hide_userinfo(line);
  hide_keys(line);
  return line;
}

std::string GuestMask::rendered(std::string_view raw) const {
  std::string line = known_(raw);
  if (!known_.hides_all()) hide_at_head(line);
  return line;
}

Variables without_secrets(Variables variables) {
  for (auto& [name, value] : variables) {
    if (name.starts_with("secret.")) value = std::string(kPlaceholder);
  }
  return variables;
}

}  // namespace berth::worker
