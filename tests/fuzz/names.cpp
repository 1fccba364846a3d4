// SPDX-License-Identifier: GPL-2.0-or-later
// Names, paths, instants, sizes, and the marker of a database: one text, asked
// for all that it may be.
#include <algorithm>

#include "base/clock.hpp"
#include "base/name.hpp"
#include "base/text.hpp"
#include "fuzz/fuzz.hpp"
#include "model/secret.hpp"
#include "step/mask.hpp"
#include "store/database_name.hpp"
#include "store/known_hosts.hpp"
#include "watch/ssh_hosts.hpp"
#include "worker/repository/known_paths.hpp"
#include "worker/repository/repository.hpp"

namespace berth::fuzz {
namespace {

// Nothing that leads elsewhere, nothing that a program takes for an option.
void check_path(const std::string& path) {
  require(is_valid_utf8(path) && !has_control_characters(path),
          "a path is text");
  require(path.empty() || (path.front() != '-' && path.front() != '/'),
          "a path is no option and no place of its own");
  for (const std::string& segment : split(path, '/')) {
    require(segment != ".." && segment != ".", "a path leads down");
  }
}

void check_names(const std::string& text) {
  for (const auto is : {is_server_name, is_application_name, is_config_name,
                        is_token, is_database_name}) {
    if (!is(text)) continue;
    require(!text.empty() && text.size() <= 63 &&
                std::all_of(text.begin(), text.end(), [](char c) {
                  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                         c == '-' || c == '_';
                }),
            "a name is plain");
  }
  if (!refuse_path("svn", text) || !refuse_path("git", text)) check_path(text);
  for (const char* kind : {"svn", "git"}) {
    require(refuse_revision(kind, text).has_value() || text.empty() ||
                std::all_of(text.begin(), text.end(),
                            [](unsigned char c) { return std::isalnum(c); }),
            "a revision is digits");
  }
  require(refuse_snapshot(text).has_value() ||
              (text.find('/') == std::string::npos && text.front() != '.'),
          "a snapshot's name is no path");
  require(refuse_note(text).has_value() ||
              (is_valid_utf8(text) && text.size() <= 500 * 4),
          "a note is short");
  require(refuse_dump(text).has_value() || text.find('/') != text.npos,
          "a dump has a path");
  static_cast<void>(refuse_database(text));
  static_cast<void>(script_kind(text));
  static_cast<void>(is_user_name(text));
  static_cast<void>(number_in(text, "job-", ".json"));
}

void check_numbers(const std::string& text) {
  if (const auto at = parse_rfc3339(text)) {
    require(rfc3339(*at) == text || text.find('.') != text.npos,
            "an instant is written as it was read");
  }
  if (const auto at = parse_generation(text)) {
    require(generation_name(*at) == text, "a generation is written as read");
  }
  if (const auto seconds = parse_duration(text)) {
    require(*seconds >= 0, "a duration is not negative");
  }
  if (const auto bytes = parse_size(text)) {
    require(*bytes >= 0, "a size is not negative");
  }
}

void check_marker(const std::string& text) {
  if (const auto marker = parse_marker(text)) {
    require(parse_marker(to_text(*marker)) == marker,
            "a marker is written as read");
  }
  const DatabaseNames names("01234567-89ab-4cde-8f01-23456789abcd");
  const char kind = names.kind_of(text);
  require(kind == 0 || text.starts_with(names.prefix()), "ours by its prefix");
  const auto oid = names.trash_oid(text);
  require(oid.has_value() == names.trash_job(text).has_value() &&
              (!oid || (kind == 't' && *oid >= 0)),
          "the name of a former database has both numbers");
}

void check_shown(const std::string& text) {
  for (const std::string& shown : {printable(text), one_line(text)}) {
    require(is_valid_utf8(shown) && !has_control_characters(shown),
            "what is shown is one line of UTF-8");
  }
  // A mask leaves nothing of the secret, wherever it is.
  const std::size_t half = text.size() / 2;
  const std::string secret = text.substr(half / 2, half);
  if (secret.size() >= 8 && secret.find('*') == secret.npos) {
    const Mask mask({{"password", secret}});
    const std::string masked = mask(text);
    const std::string whole(essence(secret));
    require(whole.empty() || why_not_hidden(whole, "") ||
                masked.find(whole) == masked.npos,
            "a secret is masked");
  }
}

void check_hosts(const std::string& text) {
  const auto keys = host_keys_in(text, "qa1");
  require(host_keys_in(with_host_keys(text, "qa1", keys), "qa1") == keys,
          "keys are written as read");
  require(host_keys_in(with_host_keys(text, "qa1", {}), "qa1").empty(),
          "a server that is forgotten has no key");
  static_cast<void>(others_with_key(text, "qa1", keys));
  watch::SshHosts hosts("");
  hosts.parse(text);
  require(hosts.address_of("qa1").size() <= 1, "one address or none");
}

}  // namespace

FUZZ(names) {
  const std::string text(input);
  check_names(text);
  check_numbers(text);
  check_marker(text);
  check_shown(text);
  check_hosts(text);
  static_cast<void>(glob_match(text.substr(0, text.size() / 2),
                               text.substr(text.size() / 2)));
  static_cast<void>(worker::nearest({"trunk", "branches/a"}, text));
  if (!refuse_path("svn", text)) {
    const std::string url = worker::svn_url("svn://host/repo", text, "7");
    require(url.starts_with("svn://host/repo") && url.ends_with("@7") &&
                !has_control_characters(url) && url.find(' ') == url.npos,
            "a URL is one word with its peg");
  }
}

}  // namespace berth::fuzz
