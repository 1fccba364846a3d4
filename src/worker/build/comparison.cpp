// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/build/comparison.hpp"

#include <sys/mman.h>

#include <algorithm>
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

// A line of the guest's file. `continued`: it is part of a secret that begins
// above it.
std::string shown_old(const std::string& line, const GuestMask& mask,
                      bool continued) {
  const bool has_more =
      line.find_first_not_of(" \t\r)]},;") != std::string::npos;
  return continued && has_more ? "*****" : visible(mask(line));
}

// The next of the lines in `text`, counted from 1; 0 of an empty file.
class Numbered {
 public:
  explicit Numbered(const std::string& text) : lines_(split(text, '\n')) {}
  const std::vector<std::string>& lines() const { return lines_; }
  // `digits`: of the next line, as a diff has them after - or +.
  void go_to(std::string_view digits) {
    std::from_chars(digits.data(), digits.data() + digits.size(), next_);
  }
  // Its index; of one that is not there, that of the last.
  std::size_t take() {
    const std::size_t number = next_++;
    return std::min(number == 0 ? 0 : number - 1, lines_.size() - 1);
  }

 private:
  std::vector<std::string> lines_;
  std::size_t next_ = 1;
};

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
  Numbered old(on_guest), fresh(mask.by_place(rendered));
  const std::vector<bool> of_secrets = mask.continued(old.lines());
  int head = 2;  // --- and +++
  std::string text = result.out;
  if (text.ends_with('\n')) text.pop_back();
  for (const std::string& line : split(text, '\n')) {
    const char side = line.empty() ? '\0' : line.front();
    if (head > 0) {
      out += head == 2 && !there ? "--- /dev/null" : line;
      --head;
    } else if (side == '@') {
      const std::string_view at = line;  // @@ -1,3 +1,3 @@
      old.go_to(at.substr(std::min(at.find('-'), line.size() - 1) + 1));
      fresh.go_to(at.substr(std::min(at.find('+'), line.size() - 1) + 1));
      out += line;
    } else if (side == '-') {
      out += side + shown_old(line.substr(1), mask, of_secrets[old.take()]);
    } else if (side == '+' || side == ' ') {
      if (side == ' ') old.take();
      out += side + visible(mask.rendered(fresh.lines()[fresh.take()]));
    } else {
      out += visible(line);
    }
    out += '\n';
  }
  if (result.out.empty()) out.clear();
  if (out.size() > kLongestShown) return std::nullopt;
  return out;
}

}  // namespace berth::worker
