// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/build/comparison.hpp"

#include <sys/mman.h>

#include <charconv>

#include "base/error.hpp"
#include "base/text.hpp"
#include "worker/job/confined.hpp"
#include "worker/job/process.hpp"

namespace berth::worker {
namespace {

// Never on a disk, because the text contains secrets.
Fd in_memory(const std::string& text) {
  Fd fd(::memfd_create("berth-preview", MFD_CLOEXEC));
  if (!fd) throw_errno("create", "a file in memory");
  write_all(fd.get(), text, "a file in memory");
  return fd;
}

// one_line() that keeps the tabs, which often are the difference.
std::string visible(const std::string& line) {
  std::string out;
  bool first = true;
  for (const std::string& part : split(line, '\t')) {
    if (!first) out += '\t';
    first = false;
    out += one_line(part);
  }
  return out;
}

// `continued`: a line of the guest that is part of a secret that begins above.
std::string shown_line(const std::string& line, const GuestMask& mask,
                       bool continued) {
  const char side = line.empty() ? '\0' : line.front();
  if (side != '+' && side != '-' && side != ' ') return visible(line);
  const std::string rest = line.substr(1);
  if (side == '-' && continued && rest.find_first_not_of(" \t\r)]},;") !=
                                      std::string::npos) {
    return "-*****";
  }
  return side + visible(side == '-' ? mask(rest) : mask.rendered(rest));
}

}  // namespace

std::optional<std::string> shown_text(const std::string& text,
                                      const GuestMask& mask) {
  if (text.size() > kLongestShown) return std::nullopt;
  std::string out;
  for (const std::string& line : split(mask.known()(text), '\n')) {
    out += visible(mask.rendered(line)) + "\n";
  }
  out.pop_back();  // split returns one piece more than there are newlines
  if (out.size() > kLongestShown) return std::nullopt;
  return out;
}

std::optional<std::string> shown_diff(const std::string& path, bool there,
                                      const std::string& on_guest,
                                      const std::string& rendered,
                                      const GuestMask& mask, Link& link,
                                      Deadline deadline) {
  if (there && on_guest == rendered) return "";
  const Fd before = in_memory(on_guest);
  const Fd after = in_memory(rendered);
  const RunResult result = run_program(
      {"diff", "--text", "--unified", "--label", "a/" + path, "--label",
       "b/" + path, "--", "/dev/fd/3", "/dev/fd/4"},
      confined_diff(), link, deadline, kLongestShown + 1,
      {{3, before.get()}, {4, after.get()}});
  if (result.timed_out || result.status.code < 0 || result.status.code > 1) {
    throw Error("compare", path, complaint(result));
  }
  if (result.out.size() > kLongestShown) return std::nullopt;
  std::string out;
  const std::vector<bool> of_secrets = mask.continued(split(on_guest, '\n'));
  std::size_t number = 1;
  int head = 2;  // --- and +++
  std::string text = result.out;
  if (text.ends_with('\n')) text.pop_back();
  for (const std::string& line : split(text, '\n')) {
    if (head > 0) {
      out += head == 2 && !there ? "--- /dev/null" : line;
      --head;
    } else if (line.starts_with("@@ -")) {
      // The number of the guest's next line; 0 for an empty file.
      const char* digits = line.data() + 4;
      std::from_chars(digits, line.data() + line.size(), number);
      out += line;
    } else {
      const bool continued =
          number > 0 && number <= of_secrets.size() && of_secrets[number - 1];
      out += shown_line(line, mask, continued);
      if (line.starts_with('-') || line.starts_with(' ')) ++number;
    }
    out += '\n';
  }
  if (result.out.empty()) out.clear();
  if (out.size() > kLongestShown) return std::nullopt;
  return out;
}

}  // namespace berth::worker
