// SPDX-License-Identifier: GPL-2.0-or-later
// The syntax of names. Checked by the web side and again by the runner; each
// function returns the reason of a refusal (nullopt: valid), so that both give
// the same message.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace berth {

using Refusal = std::optional<std::string>;

bool is_server_name(std::string_view name);       // ^[a-z][a-z0-9-]{0,30}$
bool is_application_name(std::string_view name);  // ^[a-z][a-z0-9-]{0,24}$
bool is_config_name(std::string_view name);       // hosts, clusters: as servers
bool is_user_name(std::string_view name);
bool is_token(std::string_view token);            // 32 lower-case hex digits
bool is_database_name(std::string_view name);     // ^[a-z][a-z0-9_]{0,62}$

// A path inside the repository (svn), or a branch or tag (git).
Refusal refuse_path(std::string_view kind, std::string_view path);
// Empty is the newest. svn: a number, also as r34 or 034, or HEAD; git: 7 to 40
// hexadecimal digits of a commit.
Refusal refuse_revision(std::string_view kind, std::string_view revision);
// The canonical form of an accepted revision: 34 for r34 and 034, lower case
// for a commit, empty for svn's HEAD.
std::string normal_revision(std::string_view kind, std::string_view revision);
// "none", "newest" or a generation.
Refusal refuse_database(std::string_view database);
// The source of a refresh: /PATH, or HOST:/PATH over ssh.
Refusal refuse_dump(std::string_view dump);
// A file of scrub/APP or claim/APP: NN-name.sql, or NN-name.assert.sql with
// statements that must return no rows. nullopt: neither.
enum class ScriptKind { script, assertion };
std::optional<ScriptKind> script_kind(std::string_view file_name);
// A snapshot of a server: ^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$.
Refusal refuse_snapshot(std::string_view name);
// Text written by people: at most 500 characters (text.hpp) of UTF-8, no
// control characters except the line break (LF), and of the characters that
// change the direction of text only marks.
inline constexpr std::size_t kLongestNote = 500;  // data-most in htdocs
Refusal refuse_note(std::string_view note);

// The 12 in "12.steps" or "job-12"; nullopt if the text between `front` and
// `back` is not a valid number (at most 15 digits).
std::optional<std::int64_t> number_in(std::string_view name,
                                      std::string_view front,
                                      std::string_view back);

// A pattern of OpenSSH's from=: an address, a network (10.0.0.0/8) or a name
// with wildcards, optionally with a leading `!`. No comma, space or quote.
bool is_address_pattern(std::string_view text);

}  // namespace berth
