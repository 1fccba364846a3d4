// SPDX-License-Identifier: GPL-2.0-or-later
// What a name may look like. Asked by the web side and again by the runner;
// each says in words why a name is refused (nullopt: it is good), so that the
// two give one message.
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
// Empty is the newest; svn: a number, also as r34 or 034, or HEAD; git: 7 to 40
// hex digits of a commit.
Refusal refuse_revision(std::string_view kind, std::string_view revision);
// One that is not refused, as everybody writes it: 34 for r34 and 034, lower
// case for a commit, nothing for svn's HEAD.
std::string normal_revision(std::string_view kind, std::string_view revision);
// "none", "newest" or a generation.
Refusal refuse_database(std::string_view database);
// Where a refresh fetches from: /PATH, or HOST:/PATH over ssh.
Refusal refuse_dump(std::string_view dump);
// A file of scrub/APP or claim/APP: NN-name.sql, or NN-name.assert.sql with
// statements that must return no row. nullopt: it is neither.
enum class ScriptKind { script, assertion };
std::optional<ScriptKind> script_kind(std::string_view file_name);
// A snapshot of a server: ^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$.
Refusal refuse_snapshot(std::string_view name);
// Words for people: 500 characters (text.hpp) of UTF-8, of control characters
// the line break (LF) alone, and none that turns text around but marks.
inline constexpr std::size_t kLongestNote = 500;  // data-most in htdocs
Refusal refuse_note(std::string_view note);

// The 12 in "12.steps" or "job-12"; nullopt when what stands between `front`
// and `back` is no number of ours (at most 15 digits).
std::optional<std::int64_t> number_in(std::string_view name,
                                      std::string_view front,
                                      std::string_view back);

// One pattern of OpenSSH's from=: an address, a network (10.0.0.0/8), a name
// with wildcards, with or without a `!` in front. No comma, blank or quote.
bool is_address_pattern(std::string_view text);

}  // namespace berth
