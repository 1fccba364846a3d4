// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/mask.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <vector>

#include "base/dir.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "model/secret.hpp"
#include "worker/decoded.hpp"
#include "worker/patterns.hpp"

namespace berth::worker {
namespace {

constexpr std::size_t kLargestSecret = 64 * 1024;

bool is_directory(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) == 0) return S_ISDIR(found.st_mode);
  if (errno != ENOENT) throw_errno("look for", path);
  return false;
}

std::string_view without_blanks(std::string_view line) {
  constexpr std::string_view kBlanks = " \t\r";
  const std::size_t first = line.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return line.substr(first, line.find_last_not_of(kBlanks) + 1 - first);
}

// Counts, for each byte of a text, how many ranges begin and end there.
class Cover {
 public:
  explicit Cover(std::size_t size) : change_(size + 1) {}
  void add(std::size_t from, std::size_t to) {
    ++change_[from];
    --change_[to];
  }
  // `text` with ***** for each stretch that is covered.
  std::string hide(std::string_view text) const {
    std::string out;
    std::int64_t depth = 0;
    bool hidden = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
      depth += change_[i];
      if (depth == 0) out += text[i];
      if (depth > 0 && !hidden) out += "*****";
      hidden = depth > 0;
    }
    return out;
  }

 private:
  std::vector<std::int32_t> change_;
};

}  // namespace

Secrets read_secrets(const std::string& config_folder,
                     const std::string& application) {
  Secrets out;
  const std::string path = config_folder + "/secrets/" + application;
  if (!is_directory(path)) return out;
  const Dir folder(path);
  for (const std::string& name : folder.names()) {
    if (name.front() == '.' || name.back() == '~') continue;
    auto text = folder.read(name, kLargestSecret);
    if (!text) continue;
    if (text->ends_with('\n')) text->pop_back();
    out.emplace(name, std::move(*text));
  }
  return out;
}

struct Mask::Needles {
  Patterns plain, hex, base64;
  Grams grams;  // of both

  void add(std::string_view value) {
    plain.add(value);
    const std::string digits = to_hex(value);
    hex.add(digits);
    grams.add(digits);
    for (std::size_t before = 0; before < 3; ++before) {
      const std::string core = base64_core(value, before);
      base64.add(core);
      grams.add(core);
    }
  }

  void find(const Decoded& text, Cover& cover) const {
    look(plain, text, cover);
    const Decoded digits = hex_digits(text);
    look(hex, digits, cover);
    look(grams, digits, cover);
    const Decoded sixes = base64_digits(text);
    look(base64, sixes, cover);
    look(grams, sixes, cover);
  }

 private:
  template <class What>
  static void look(const What& what, const Decoded& text, Cover& cover) {
    what.find(text.bytes, [&](std::size_t begin, std::size_t end) {
      cover.add(text.from[begin], text.to[end - 1]);
    });
  }
};

Mask::Mask(const Secrets& secrets, const std::string& application) {
  auto needles = std::make_shared<Needles>();
  for (const auto& [name, secret] : secrets) {
    if (secret.empty()) continue;
    if (why_not_hidden(secret, application)) {
      hides_all_ = false;
      continue;
    }
    needles->add(secret);
    if (secret.find('\n') == std::string::npos) continue;
    for (const std::string& line : split(secret, '\n')) {
      const std::string_view text = without_blanks(line);
      if (!why_not_hidden(text, application)) needles->add(text);
    }
  }
  needles->plain.build();
  needles->hex.build();
  needles->base64.build();
  needles_ = std::move(needles);
}

std::string Mask::operator()(std::string_view text) const {
  if (!needles_ || text.empty()) return std::string(text);
  Cover cover(text.size());
  const Decoded plain = as_it_is(text);
  needles_->find(plain, cover);
  for (const Unescape outer : kEscapes) {
    const auto once = unescaped(plain, outer);
    if (!once) continue;
    needles_->find(*once, cover);
    for (const Unescape inner : kEscapes) {
      if (const auto twice = unescaped(*once, inner)) {
        needles_->find(*twice, cover);
      }
    }
  }
  return cover.hide(text);
}

std::string one_line(std::string_view text, std::size_t cap) {
  // A character more than is kept shows that there was more.
  std::string out(text.substr(0, cap + 4));
  std::replace(out.begin(), out.end(), '\t', ' ');
  return printable(out, cap);
}

}  // namespace berth::worker
