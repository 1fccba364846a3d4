// SPDX-License-Identifier: GPL-2.0-or-later
#include "step/mask.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <numeric>
#include <optional>
#include <vector>

#include "base/dir.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "model/secret.hpp"
#include "step/decoded.hpp"
#include "step/edges.hpp"
#include "step/patterns.hpp"

namespace berth {
namespace {

constexpr std::size_t kLargestSecret = 64 * 1024;

bool exists(const std::string& path) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) == 0) return true;
  if (errno != ENOENT) throw_errno("look for", path);
  return false;
}

// Only so much of a piece is judged: no common word is longer.
constexpr std::size_t kJudged = 64;

// Counts, for each byte of a text, how many ranges begin and end there.
class Cover {
 public:
  explicit Cover(std::size_t size) : change_(size + 1) {}
  void add(std::size_t from, std::size_t to) {
    ++change_[from];
    --change_[to];
  }
  // Marks [from, to) as written by the requester: a part of a secret found
  // within it is not hidden. All calls precede the first add_part().
  void spare(std::size_t from, std::size_t to) {
    spared_.resize(change_.size());
    spared_[from] = std::max(spared_[from], to);
  }
  void end_of_spared() {
    for (std::size_t i = 1; i < spared_.size(); ++i) {
      spared_[i] = std::max(spared_[i], spared_[i - 1]);
    }
  }
  // Hides [from, to) because a part of a secret was found at [begin, end).
  void add_part(std::size_t begin, std::size_t end, std::size_t from,
                std::size_t to) {
    if (spared_.empty() || spared_[begin] < end) add(from, to);
  }
  // Returns `text` with ***** in place of each covered stretch.
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
  std::vector<std::size_t> spared_;  // per byte: the furthest end so far
};

// `value` with one of each two `quotes`.
std::string without_doubled(std::string_view value, std::string_view quotes) {
  std::string out;
  for (std::size_t i = 0; i < value.size(); ++i) {
    out += value[i];
    if (value.substr(i, quotes.size()) == quotes) ++i;
  }
  return out;
}

// Calls `use` with the text as it is, then with one and with two escapes
// undone; `depth` is their number.
template <class Use>
void in_each_reading(std::string_view text, Use use) {
  const Decoded plain = as_it_is(text);
  use(plain, 0);
  for (const Unescape outer : kEscapes) {
    const auto once = unescaped(plain, outer);
    if (!once) continue;
    use(*once, 1);
    for (const Unescape inner : kEscapes) {
      if (const auto twice = unescaped(*once, inner)) use(*twice, 2);
    }
  }
}

}  // namespace

Secrets read_secrets(const std::string& config_folder,
                     const std::string& application, BadSecret bad) {
  Secrets out;
  const std::string path = config_folder + "/secrets/" + application;
  if (!exists(path)) return out;
  const Dir folder(path);
  for (const std::string& name : folder.names()) {
    if (name.front() == '.' || name.back() == '~') continue;
    std::optional<std::string> text;
    try {
      text = folder.read(name, kLargestSecret);
    } catch (const Error&) {
      if (bad == BadSecret::refused) throw;
    }
    if (!text) continue;
    if (text->ends_with('\n')) text->pop_back();
    out.emplace(name, std::move(*text));
  }
  return out;
}

// The strings of one encoding, searchable from both ends.
class Mask::Needle {
 public:
  void add(std::string_view value) {
    whole_.add(value);
    backward_.add(std::string(value.rbegin(), value.rend()));
  }
  void build() {
    whole_.build();
    backward_.build();
  }
  // Covers each whole string, and each cut-off piece that has at least `least`
  // bytes and for which `worth` returns true.
  template <class Worth>
  void find(const Decoded& text, const Edges& edges, bool escaped,
            std::size_t least, Worth worth, Cover& cover) const {
    const std::string_view bytes = text.bytes;
    const std::size_t size = bytes.size();
    // A range that whole strings cover is not a piece. bare[i] counts how many
    // of the first i bytes no whole string covers; empty means all of them.
    std::vector<std::size_t> bare;
    std::size_t marked = 0;
    whole_.find(bytes, [&](std::size_t begin, std::size_t end) {
      cover.add(text.from[begin], text.to[end - 1]);
      bare.resize(size + 1, 1);
      for (marked = std::max(marked, begin); marked < end; ++marked) {
        bare[marked + 1] = 0;
      }
    });
    if (!bare.empty()) bare[0] = 0;
    std::partial_sum(bare.begin(), bare.end(), bare.begin());
    const auto piece = [&](std::size_t begin, std::size_t end, bool lost) {
      return (bare.empty() || bare[begin] != bare[end]) &&
             worth(bytes.substr(begin, end - begin), lost);
    };
    whole_.find_beginnings(
        bytes, least,
        [&](std::size_t end) {
          return edges.after(text.to[end - 1]) != Edges::kNone;
        },
        [&](std::size_t begin, std::size_t end) {
          const std::size_t at = text.to[end - 1];
          if (!piece(begin, end, edges.lost_after(at))) return;
          cover.add_part(text.from[begin], at, text.from[begin],
                         edges.after(at));
        });
    const std::string reversed(bytes.rbegin(), bytes.rend());
    backward_.find_beginnings(
        reversed, least,
        [&](std::size_t end) {
          return edges.before(text.from[size - end], escaped) != Edges::kNone;
        },
        [&](std::size_t begin, std::size_t end) {
          const std::size_t at = text.from[size - end];
          if (!piece(size - end, size - begin, edges.lost_before(at))) return;
          const std::size_t to = text.to[size - begin - 1];
          cover.add_part(at, to, edges.before(at, escaped), to);
        });
  }
  // Spares each whole string, and each piece that a cut left of one.
  void spare(const Decoded& text, const Edges& edges, bool escaped,
             Cover& cover) const {
    const auto found = [&](std::size_t begin, std::size_t end) {
      cover.spare(text.from[begin], text.to[end - 1]);
    };
    const std::string_view bytes = text.bytes;
    const std::size_t size = bytes.size();
    whole_.find(bytes, found);
    whole_.find_beginnings(
        bytes, kShortestHidden - 1,
        [&](std::size_t end) {
          return edges.after(text.to[end - 1]) != Edges::kNone;
        },
        found);
    backward_.find_beginnings(
        std::string(bytes.rbegin(), bytes.rend()), kShortestHidden - 1,
        [&](std::size_t end) {
          return edges.before(text.from[size - end], escaped) != Edges::kNone;
        },
        [&](std::size_t begin, std::size_t end) {
          found(size - end, size - begin);
        });
  }

 private:
  Patterns whole_, backward_;
};

struct Mask::Needles {
  Needle plain, hex, base64, written;
  bool has_written = false;
  Grams grams;  // of the hexadecimal and base64 digits
  std::string application;

  void add_written(std::string_view text) {
    if (text.size() < kShortestHidden - 1) return;  // shorter than any piece
    written.add(text);
    has_written = true;
  }
  void add(std::string_view value) {
    plain.add(value);
    // What doubled() makes of it where only one kind of quote is doubled.
    for (const char* quotes : {"''", "\"\""}) {
      const std::string single = without_doubled(value, quotes);
      if (single.size() == value.size()) continue;
      if (!why_not_hidden(single, application)) plain.add(single);
    }
    const std::string digits = to_hex(value);
    hex.add(digits);
    grams.add(digits);
    for (std::size_t before = 0; before < 3; ++before) {
      const std::string core = base64_core(value, before);
      base64.add(core);
      grams.add(core);
    }
  }

  // `depth`: how many escapes were undone in `text`.
  void find(const Decoded& text, const Edges& edges, int depth,
            Cover& cover) const {
    const bool escaped = depth > 0;
    // A lost character counts towards the length.
    const auto worth = [&](std::string_view piece, bool lost) {
      std::string judged(piece.substr(0, kJudged));
      if (lost) judged += '?';
      return !why_not_hidden(judged, application);
    };
    const auto always = [](std::string_view, bool) { return true; };
    plain.find(text, edges, escaped, kShortestHidden - 1, worth, cover);
    const auto in_hex = [&](const Decoded& digits) {
      hex.find(digits, edges, escaped, kShortestHidden * 2, always, cover);
      grams.find(digits.bytes, covered(digits, cover));
    };
    const auto in_base64 = [&](const Decoded& digits) {
      base64.find(digits, edges, escaped, kShortestHidden * 8 / 6, always,
                  cover);
      grams.find(digits.bytes, covered(digits, cover));
    };
    // For example JSON in a token, a URL in a configuration, a page.
    const auto in_escapes = [&](const Decoded& inner) {
      for (const Unescape reader : kEscapes) {
        const auto once = unescaped(inner, reader);
        if (!once) continue;
        plain.find(*once, edges, true, kShortestHidden - 1, worth, cover);
      }
    };
    const Decoded digits = hex_digits(text), sixes = base64_digits(text);
    in_hex(digits);
    in_base64(sixes);
    // With two escapes undone, this would take as long as everything else.
    if (depth > 1) return;
    for (const std::size_t skip : {0u, 1u}) {
      const Decoded inner = hex_bytes(digits, skip);
      if (inner.bytes.empty()) continue;
      in_base64(base64_digits(inner));
      in_escapes(inner);
    }
    for (const std::size_t skip : {0u, 1u, 2u, 3u}) {
      const Decoded inner = base64_bytes(sixes, skip);
      if (inner.bytes.empty()) continue;
      in_base64(base64_digits(inner));
      in_hex(hex_digits(inner));
      in_escapes(inner);
    }
  }

 private:
  static Found covered(const Decoded& text, Cover& cover) {
    return [&](std::size_t begin, std::size_t end) {
      const std::size_t from = text.from[begin], to = text.to[end - 1];
      cover.add_part(from, to, from, to);
    };
  }
};

Mask::Mask(const Secrets& secrets, const std::string& application,
           const std::vector<std::string>& written) {
  auto needles = std::make_shared<Needles>();
  needles->application = application;
  const auto add = [&](std::string_view value) {
    if (!why_not_hidden(value, application)) needles->add(value);
  };
  for (const auto& [name, secret] : secrets) {
    if (secret.empty()) continue;
    const std::string_view value = essence(secret);
    if (value.empty() || why_not_hidden(value, application)) {
      hides_all_ = false;
      continue;
    }
    add(secret);
    add(value);
    if (secret.find('\n') == std::string::npos) continue;
    for (const std::string& line : split(secret, '\n')) add(essence(line));
  }
  for (const std::string& text : written) {
    needles->add_written(text);
    for (const std::string& name : split(text, '/')) needles->add_written(name);
  }
  needles->written.build();
  needles->plain.build();
  needles->hex.build();
  needles->base64.build();
  needles_ = std::move(needles);
}

std::string Mask::operator()(std::string_view text) const {
  if (!needles_ || text.empty()) return std::string(text);
  Cover cover(text.size());
  const Edges edges(text);
  if (needles_->has_written) {
    in_each_reading(text, [&](const Decoded& reading, int depth) {
      needles_->written.spare(reading, edges, depth > 0, cover);
    });
    cover.end_of_spared();
  }
  in_each_reading(text, [&](const Decoded& reading, int depth) {
    needles_->find(reading, edges, depth, cover);
  });
  return cover.hide(text);
}

std::string Mask::line(std::string_view text, std::size_t cap) const {
  return one_line((*this)(text), cap);
}

std::string one_line(std::string_view text, std::size_t cap) {
  // One character more than `cap` lets printable() see that text was cut.
  std::string out(text.substr(0, cap + 4));
  std::replace(out.begin(), out.end(), '\t', ' ');
  return printable(out, cap);
}

}  // namespace berth
