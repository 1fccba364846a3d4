// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/build/guest_mask.hpp"

#include <algorithm>
#include <cctype>
#include <optional>

#include "base/text.hpp"
#include "worker/build/open_value.hpp"

namespace berth::worker {
namespace {

constexpr std::string_view kHidden = "*****";
constexpr std::size_t kKeyLength = 20;
constexpr const char* kWords[] = {"passw",     "passphrase", "pwd",
                                  "secret",    "token",      "api_key",
                                  "apikey",    "api-key",    "access_key",
                                  "private",   "credential", "authorization",
                                  "signing",   "encryption", "_key",
                                  "dsn",       "cookie",     "salt",
                                  "psk",       "rootpw",     "bindpw"};
// Words that no letter may follow.
constexpr std::string_view kEndings[] = {"pass", "_pw", "-pw"};
// Words of Apache, nginx and English that end in "pass" and name no secret.
constexpr std::string_view kNoPass[] = {
    "proxypass",  "proxy_pass", "fastcgi_pass",   "uwsgi_pass",
    "scgi_pass",  "grpc_pass",  "memcached_pass", "bypass",
    "compass"};

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

// Without the quotes and blanks right before a value: another value may have
// different ones.
std::string_view without_quotes(std::string_view head) {
  while (!head.empty() && (is_blank(head.back()) || head.back() == '\'' ||
                           head.back() == '"')) {
    head.remove_suffix(1);
  }
  return head;
}

// Hides the rest of the line from `at` on, except leading blanks.
void hide_from(std::string& line, std::size_t at) {
  while (at < line.size() && is_blank(line[at])) ++at;
  if (at >= line.size()) return;
  line.erase(at);
  line += kHidden;
}

bool is_letter_of_word(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0;
}

// The end of the first of kEndings in a lower-case text.
std::size_t end_of_ending(std::string_view low) {
  std::size_t first = std::string::npos;
  for (const std::string_view word : kEndings) {
    for (std::size_t at = low.find(word); at != std::string::npos;
         at = low.find(word, at + 1)) {
      const std::size_t end = at + word.size();
      if (end < low.size() && is_letter_of_word(low[end])) continue;
      const std::string_view head = low.substr(0, end);
      const auto ends_head = [head](std::string_view other) {
        return head.ends_with(other);
      };
      if (std::any_of(std::begin(kNoPass), std::end(kNoPass), ends_head)) {
        continue;
      }
      first = std::min(first, end);
      break;
    }
  }
  return first;
}

// Where the text after the first such word begins: after its `=`, `=>` or `:`,
// otherwise after the word itself. npos: there is no such word.
std::size_t named_at(std::string_view line) {
  const std::string low = lower(line);
  std::size_t end = end_of_ending(low);
  for (const std::string_view word : kWords) {
    const std::size_t at = low.find(word);
    if (at != std::string::npos) end = std::min(end, at + word.size());
  }
  if (end == std::string::npos) return end;
  while (end < line.size() &&
         (std::isalnum(static_cast<unsigned char>(line[end])) ||
          line[end] == '_' || line[end] == '-')) {
    ++end;
  }
  const std::size_t separator = line.find_first_of("=:", end);
  if (separator == std::string::npos) return end;
  return separator + (line.substr(separator, 2) == "=>" ? 2 : 1);
}

void hide_named(std::string& line) {
  const std::size_t at = named_at(line);
  if (at != std::string::npos) hide_from(line, at);
}

// user:password@ after ://.
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
  // A line of a key's body is hidden whole, because its slashes would leave
  // parts of it visible.
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

// What is before, between and after the secrets.
std::vector<std::string> around(std::string_view outline) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at != std::string::npos;) {
    const std::size_t next = outline.find(kPlaceholder, at);
    out.emplace_back(outline.substr(at, next - at));
    at = next == std::string::npos
             ? next
             : next + std::string_view(kPlaceholder).size();
  }
  return out;
}

// `secret`, with ***** for what each of several lines has.
std::string line_by_line(std::string_view secret) {
  if (secret.find('\n') == std::string_view::npos) return std::string(secret);
  std::vector<std::string> lines = split(secret, '\n');
  for (std::string& line : lines) {
    if (!trimmed(line).empty()) line = kHidden;
  }
  return join(lines, "\n");
}

}  // namespace

GuestMask::GuestMask(const Mask& known, std::string_view outline)
    : known_(known), around_(around(outline)) {
  for (const std::string& line : split(outline, '\n')) {
    const std::size_t at = line.find(kPlaceholder);
    if (at == std::string::npos) {
      plain_.emplace(trimmed(line));
    } else {
      heads_.emplace_back(
          without_quotes(trimmed(std::string_view(line).substr(0, at))));
    }
  }
}

const std::string* GuestMask::head_of(std::string_view text) const {
  for (const std::string& head : heads_) {
    if (!text.starts_with(head)) continue;
    // Every line begins with an empty head; the template's own lines without a
    // secret do not count.
    if (head.empty() && plain_.contains(text)) continue;
    return &head;
  }
  return nullptr;
}

bool GuestMask::hide_at_head(std::string& line) const {
  const std::string* head = head_of(trimmed(line));
  if (!head) return false;
  hide_from(line, line.find_first_not_of(" \t\r") + head->size());
  return true;
}

std::size_t GuestMask::value_at(std::string_view line) const {
  const std::string_view text = trimmed(line);
  if (const std::string* head = head_of(text)) {
    return static_cast<std::size_t>(text.data() - line.data()) + head->size();
  }
  return named_at(line);
}

std::vector<bool> GuestMask::continued(
    const std::vector<std::string>& lines) const {
  std::vector<bool> out(lines.size());
  std::optional<OpenValue> open;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (open && open->takes(lines[i])) {
      out[i] = true;
      continue;
    }
    open.reset();
    const std::size_t at = value_at(lines[i]);
    if (at != std::string::npos) open = OpenValue::at(lines[i], at);
  }
  return out;
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

std::string GuestMask::by_place(std::string_view file) const {
  // From left to right, but for the last: so each has a place, if the file is
  // one of this template.
  const std::string_view last = around_.back();
  if (around_.size() < 2 || !file.starts_with(around_.front()) ||
      !file.ends_with(last) || file.size() < around_.front().size() +
                                                 last.size()) {
    return std::string(file);
  }
  std::string out = around_.front();
  std::size_t at = out.size();
  const std::size_t stop = file.size() - last.size();
  for (std::size_t i = 1; i < around_.size(); ++i) {
    const std::size_t next =
        i + 1 == around_.size() ? stop : file.find(around_[i], at);
    if (next == std::string::npos || next > stop) return std::string(file);
    out += line_by_line(file.substr(at, next - at)) + around_[i];
    at = next + around_[i].size();
  }
  return out;
}

Variables without_secrets(Variables variables) {
  for (auto& [name, value] : variables) {
    if (name.starts_with("secret.")) value = std::string(kPlaceholder);
  }
  return variables;
}

}  // namespace berth::worker
