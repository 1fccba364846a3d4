// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/name.hpp"

#include <algorithm>

#include "base/clock.hpp"
#include "base/text.hpp"

namespace berth {
namespace {

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }

// A lower-case letter, then letters, digits and `joint`.
bool is_plain(std::string_view name, std::size_t longest, char joint) {
  return !name.empty() && name.size() <= longest && is_lower(name[0]) &&
         std::all_of(name.begin(), name.end(), [joint](char c) {
           return is_lower(c) || is_digit(c) || c == joint;
         });
}

// "34" for 34, r34 and R34; otherwise the text itself.
std::string_view without_r(std::string_view revision) {
  const bool marked = revision.size() > 1 &&
                      (revision[0] == 'r' || revision[0] == 'R') &&
                      is_digit(revision[1]);
  return marked ? revision.substr(1) : revision;
}

bool all_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), is_digit);
}

// "{2026-01-01}", "2026-01-01T10:00Z".
bool looks_like_a_date(std::string_view text) {
  return text.front() == '{' ||
         (text.size() >= 10 && all_digits(text.substr(0, 4)) &&
          text[4] == '-');
}

// `what` is the word in the message: "path".
Refusal refuse_turning(const std::string& what, std::string_view text,
                       Marks marks = Marks::refused) {
  const std::string found = turning_character(text, marks);
  if (found.empty()) return std::nullopt;
  return what + ": has the invisible character " + found +
         ", which changes how text is shown; remove it";
}

// What git check-ref-format refuses in addition to refuse_path().
Refusal refuse_ref(std::string_view path) {
  if (path.find_first_of(" ~^:?*[") != std::string_view::npos) {
    return "path: a branch or tag must not contain space ~ ^ : ? * [";
  }
  if (path.find("..") != std::string_view::npos ||
      path.find("@{") != std::string_view::npos) {
    return "path: a branch or tag must not contain '..' or '@{'";
  }
  for (const auto& part : split(path, '/')) {
    if (part.front() == '.' || part.back() == '.' ||
        std::string_view(part).ends_with(".lock")) {
      return "path: no part of a branch or tag may start or end with '.', or "
             "end with '.lock'";
    }
  }
  return std::nullopt;
}

}  // namespace

bool is_server_name(std::string_view name) { return is_plain(name, 31, '-'); }
bool is_application_name(std::string_view name) {
  return is_plain(name, 25, '-');
}
bool is_config_name(std::string_view name) { return is_plain(name, 31, '-'); }

bool is_user_name(std::string_view name) {
  const auto alnum = [](char c) {
    return is_lower(c) || is_digit(c) || (c >= 'A' && c <= 'Z');
  };
  return !name.empty() && name.size() <= 64 && alnum(name[0]) &&
         std::all_of(name.begin(), name.end(), [alnum](char c) {
           return alnum(c) || c == '.' || c == '_' || c == '@' || c == '-';
         });
}

bool is_token(std::string_view token) {
  return token.size() == 32 && std::all_of(token.begin(), token.end(), is_hex);
}

bool is_database_name(std::string_view name) {
  return is_plain(name, 63, '_');
}

Refusal refuse_path(std::string_view kind, std::string_view path) {
  if (path.empty()) return "path: is empty";
  if (!is_valid_utf8(path)) return "path: is not UTF-8";
  if (characters(path) > 255) return "path: is longer than 255 characters";
  if (has_control_characters(path)) return "path: has control characters";
  if (const auto why = refuse_turning("path", path)) return why;
  if (path.front() == '-') return "path: must not start with '-'";
  if (path.front() == '/' || path.back() == '/') {
    return "path: must not start or end with '/'; it is relative to the "
           "repository";
  }
  if (path.find('\\') != std::string_view::npos) {
    return "path: must not contain '\\'";
  }
  if (path.find('@') != std::string_view::npos) {
    return "path: must not contain '@'; give the revision separately";
  }
  for (const auto& part : split(path, '/')) {
    if (part.empty()) return "path: has an empty part ('//')";
    if (part == "." || part == "..") {
      return "path: leaves the repository ('" + part + "')";
    }
  }
  return kind == "git" ? refuse_ref(path) : std::nullopt;
}

Refusal refuse_revision(std::string_view kind, std::string_view revision) {
  if (revision.empty()) return std::nullopt;
  if (kind == "git") {
    const std::string commit = lower(revision);
    if (commit.size() >= 7 && commit.size() <= 40 &&
        std::all_of(commit.begin(), commit.end(), is_hex)) {
      return std::nullopt;
    }
    return "revision: must be a commit of 7 to 40 hexadecimal digits; omit it "
           "for the newest of the branch or tag";
  }
  if (lower(revision) == "head") return std::nullopt;
  if (looks_like_a_date(revision)) {
    return "revision: must not be a date; give a revision number";
  }
  const std::string_view number = without_r(revision);
  if (number.size() <= 10 && all_digits(number)) return std::nullopt;
  return "revision: must be a revision number such as 34 or r34; omit it for "
         "the newest";
}

std::string normal_revision(std::string_view kind, std::string_view revision) {
  if (kind == "git") return lower(revision);
  if (lower(revision) == "head") return "";
  std::string_view number = without_r(revision);
  while (number.size() > 1 && number.front() == '0') number.remove_prefix(1);
  return std::string(number);
}

Refusal refuse_database(std::string_view database) {
  if (database == "none" || database == "newest" ||
      parse_generation(database)) {
    return std::nullopt;
  }
  return "database: must be 'none', 'newest' or a generation such as "
         "20261122024100";
}

Refusal refuse_dump(std::string_view dump) {
  const std::size_t slash = dump.find('/');
  if (slash == std::string_view::npos || dump.size() > 1024) {
    return "must be /PATH or HOST:/PATH, at most 1024 bytes";
  }
  if (has_control_characters(dump) || !is_valid_utf8(dump)) {
    return "has control characters or is not UTF-8";
  }
  const std::string turning = turning_character(dump);
  if (!turning.empty()) return "has the invisible character " + turning;
  std::string_view host = dump.substr(0, slash);
  if (!host.empty()) {
    const auto good = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
             (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-' ||
             c == '@';
    };
    if (host.back() != ':') return "must be /PATH or HOST:/PATH";
    host.remove_suffix(1);
    if (host.empty() || host.front() == '-' || host.front() == '@' ||
        !std::all_of(host.begin(), host.end(), good)) {
      return "'HOST' must be a host name as in ssh_config";
    }
  }
  for (const auto& segment : split(std::string(dump.substr(slash + 1)), '/')) {
    if (segment == "..") return "must not contain '..'";
  }
  if (dump.substr(slash).size() < 2) return "must name a file or a folder";
  return std::nullopt;
}

std::optional<ScriptKind> script_kind(std::string_view name) {
  ScriptKind kind = ScriptKind::script;
  if (!name.ends_with(".sql")) return std::nullopt;
  name.remove_suffix(4);
  if (name.ends_with(".assert")) {
    kind = ScriptKind::assertion;
    name.remove_suffix(7);
  }
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-';
  };
  if (name.size() < 4 || !is_digit(name[0]) || !is_digit(name[1]) ||
      name[2] != '-' || !std::all_of(name.begin() + 3, name.end(), good)) {
    return std::nullopt;
  }
  return kind;
}

Refusal refuse_snapshot(std::string_view name) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9');
  };
  const bool good =
      !name.empty() && name.size() <= 63 && plain(name[0]) &&
      std::all_of(name.begin(), name.end(), [&](char c) {
        return plain(c) || c == '.' || c == '_' || c == '-';
      });
  if (good) return std::nullopt;
  return "'" + printable(name, 64) +
         "' is not a snapshot name: letters, digits, '.', '_' and '-', a "
         "letter or digit first, at most 63";
}

Refusal refuse_note(std::string_view note) {
  if (!is_valid_utf8(note)) return "note: is not UTF-8";
  if (characters(note) > kLongestNote) {
    return "note: is longer than " + std::to_string(kLongestNote) +
           " characters";
  }
  for (const auto& line : split(note, '\n')) {
    if (has_control_characters(line)) {
      return "note: has control characters other than line breaks";
    }
  }
  return refuse_turning("note", note, Marks::taken);
}

std::optional<std::int64_t> number_in(std::string_view name,
                                      std::string_view front,
                                      std::string_view back) {
  if (name.size() < front.size() + back.size() || !name.starts_with(front) ||
      !name.ends_with(back)) {
    return std::nullopt;
  }
  const std::string_view digits =
      name.substr(front.size(), name.size() - front.size() - back.size());
  if (digits.size() > 15) return std::nullopt;
  return whole_number(digits);
}

bool is_address_pattern(std::string_view text) {
  if (text.starts_with('!')) text.remove_prefix(1);
  return !text.empty() && text.size() <= 255 &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  (c >= '0' && c <= '9') ||
                  std::string_view(".:-_*?/%").find(c) !=
                      std::string_view::npos;
         });
}

}  // namespace berth
