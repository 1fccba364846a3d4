// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/job/reason.hpp"

#include <algorithm>
#include <initializer_list>

#include "step/mask.hpp"

namespace berth::worker {
namespace {

constexpr std::size_t kLongestReason = 300;  // bytes
constexpr std::string_view kSvnConnects = "svn: E170013: ";
constexpr std::string_view kSvnAdvises = "svn: E210002: To better debug ";

// How much a line explains, in ascending order.
enum class Says { nothing, noise, failure, something, reason };

bool starts_with_one_of(std::string_view line,
                        std::initializer_list<std::string_view> starts) {
  return std::any_of(starts.begin(), starts.end(), [&](std::string_view start) {
    return line.starts_with(start);
  });
}

bool contains(std::string_view line, std::string_view text) {
  return line.find(text) != std::string_view::npos;
}

// "svn: E170001: ", "svn: warning: W160013: "; but not the codes that every
// failure to connect has.
bool has_svn_code(std::string_view line) {
  if (line.starts_with(kSvnConnects) || line.starts_with(kSvnAdvises)) {
    return false;
  }
  for (const std::string_view start : {"svn: E", "svn: warning: W"}) {
    if (line.starts_with(start) && line.size() > start.size()) {
      const char digit = line[start.size()];
      return digit >= '0' && digit <= '9';
    }
  }
  return false;
}

// Advice, warnings and ssh's box around one, and text that accompanies every
// failure to connect.
bool is_noise(std::string_view line) {
  return starts_with_one_of(
             line,
             {"@@@", "@  ", "warning: ", "Warning: ", "hint: ", "remote: ",
              "svn: warning: ", "IT IS POSSIBLE", "Someone could be ",
              "It is also possible", "The fingerprint for ", "SHA256:",
              "Please contact ", "Add correct host key in ", "Offending ",
              "  remove with:", "  ssh-keygen ",
              "Please make sure you have the correct access rights",
              "and the repository exists.", kSvnConnects, kSvnAdvises,
              "** WARNING: ", "More details here: https://curl.se/"});
}

// Reports that the program failed, but not why.
bool is_failure(std::string_view line) {
  return starts_with_one_of(
      line, {"fatal: Could not read from remote repository",
             "fatal: the remote end hung up unexpectedly",
             "svn: E200009: Could not ",
             "svn: E210002: Network connection closed unexpectedly",
             "Host key verification failed", "lost connection",
             "rsync: connection unexpectedly closed", "rsync error: ",
             "rsync: [Receiver] write error: Broken pipe",
             "rsync: [sender] write error: Broken pipe"});
}

bool is_reason(std::string_view line) {
  return has_svn_code(line) ||
         starts_with_one_of(
             line, {"fatal: ", "error: ", "ERROR: ", "remote: ERROR: ",
                    "remote: error: ", "remote: fatal: ", "ssh: ", "curl: (",
                    "rsync: ", "@ERROR: ", "kex_exchange_identification: ",
                    "ssh_exchange_identification: ", "banner exchange: ",
                    "Host key for ", "Connection closed by ",
                    "Connection reset by ", "Connection timed out ",
                    "Received disconnect from ", "Timeout, server ",
                    "Unable to negotiate with ", "Bad owner or permissions on ",
                    "Load key "}) ||
         contains(line, "Permission denied (") ||
         contains(line, "host key is known for ") ||
         contains(line, ": Bad configuration option");
}

Says meaning_of(std::string_view line) {
  if (line.find_first_not_of(" \t=") == std::string_view::npos) {
    return Says::nothing;
  }
  if (is_failure(line)) return Says::failure;
  if (is_reason(line)) return Says::reason;
  return is_noise(line) ? Says::noise : Says::something;
}

// Returns the line at `at` and advances `at` past it. A carriage return ends a
// line as well, because a program that shows progress prints the reason after
// one.
std::string_view take_line(std::string_view text, std::size_t& at) {
  const std::size_t end = std::min(text.find_first_of("\r\n", at), text.size());
  const std::string_view line = text.substr(at, end - at);
  at = end + (text.substr(end).starts_with("\r\n") ? 2 : 1);
  return line;
}

// `marked`: consider only lines that are marked as errors.
std::string find_line(std::string_view text, bool marked) {
  Says most = Says::nothing;
  std::string best;
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view line = take_line(text, at);
    const Says says = meaning_of(line);
    if (says <= most) continue;
    if (marked && says != Says::reason && says != Says::failure) continue;
    most = says;
    best = line;
    if (line.ends_with(':') && at < text.size()) {
      std::size_t next = at;
      const std::string_view more = take_line(text, next);
      if (meaning_of(more) != Says::nothing) best += " " + std::string(more);
    }
    if (says == Says::reason) break;
  }
  return one_line(best, kLongestReason);
}

}  // namespace

std::string reason_in(std::string_view text) { return find_line(text, false); }

std::string reason_among(std::string_view text) {
  std::string found = find_line(text, true);
  if (!found.empty()) return found;
  std::string_view last;
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view line = take_line(text, at);
    if (meaning_of(line) != Says::nothing) last = line;
  }
  return one_line(last, kLongestReason);
}

}  // namespace berth::worker
