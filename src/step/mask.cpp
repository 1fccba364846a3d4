// SPDX-License-Identifier: GPL-2.0-or-later
#include "step/mask.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <utility>
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

bool is_directory(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) == 0) return S_ISDIR(found.st_mode);
  if (errno != ENOENT) throw_errno("look for", path);
  return false;
}

// Of a piece this much is judged: a common word is no longer.
constexpr std::size_t kJudged = 64;

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

using Is = bool (*)(char);

bool is_no_word(char c) {
  return std::isspace(static_cast<unsigned char>(c)) || c == '\'' || c == '"';
}
bool is_no_hex(char c) { return !std::isxdigit(static_cast<unsigned char>(c)); }
bool is_no_base64(char c) {
  return !std::isalnum(static_cast<unsigned char>(c)) && c != '+' && c != '/';
}

// The words of a text, or its runs of digits. What follows the first characters
// of a secret in one is hidden with them, whether it is the secret's or not: by
// what is hidden and what is not, one who guesses would learn the next one.
class Stretches {
 public:
  // The end of a line in `original` splits, too, where `text` is without it.
  Stretches(const Decoded& text, Is splits, std::string_view original)
      : begin_(text.bytes.size() + 1), end_(text.bytes.size() + 1) {
    const std::size_t size = text.bytes.size();
    const auto gap = [&](std::size_t i) {
      if (i == 0 || i >= size || text.from[i] <= text.to[i - 1]) return false;
      return original.substr(text.to[i - 1], text.from[i] - text.to[i - 1])
                 .find_first_of("\r\n") != std::string_view::npos;
    };
    for (std::size_t i = 0; i < size; ++i) {
      if (gap(i)) begin_[i] = i;
      begin_[i + 1] = splits(text.bytes[i]) ? i + 1 : begin_[i];
    }
    end_[size] = size;
    for (std::size_t i = size; i-- > 0;) {
      end_[i] = splits(text.bytes[i]) ? i : gap(i + 1) ? i + 1 : end_[i + 1];
    }
  }
  // Of the one that place i is in, or next to.
  std::size_t begin(std::size_t i) const { return begin_[i]; }
  std::size_t end(std::size_t i) const { return end_[i]; }

 private:
  std::vector<std::size_t> begin_, end_;
};

// The strings of one encoding, from both ends.
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
  // Covers each whole string, and each piece that is cut off, has at least
  // `least` bytes and is `worth` hiding; with `least` bytes of one, the rest of
  // the word up to where it is cut off. With `head` and `tail` those first or
  // last bytes are handed to it instead, wherever they are.
  template <class Worth>
  void find(const Decoded& text, const Edges& edges, bool escaped,
            std::size_t least, Worth worth, Cover& cover,
            const Found& head = nullptr, const Found& tail = nullptr) const {
    const std::string_view bytes = text.bytes;
    const std::size_t size = bytes.size();
    // What belongs to a whole one, where no piece is looked for.
    std::vector<bool> whole;
    // Made when they are needed, which is rare.
    std::vector<std::size_t> next_cut, last_cut;  // + 1; 0: none
    std::optional<Stretches> words;
    std::size_t marked = 0;
    whole_.find(bytes, [&](std::size_t begin, std::size_t end) {
      cover.add(text.from[begin], text.to[end - 1]);
      whole.resize(size);
      for (marked = std::max(marked, begin); marked < end; ++marked) {
        whole[marked] = true;
      }
    });
    const auto in_whole = [&](std::size_t begin, std::size_t end) {
      return !whole.empty() && whole[begin] && whole[end - 1];
    };
    const auto piece = [&](std::size_t begin, std::size_t end, bool lost) {
      return !in_whole(begin, end) &&
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
          cover.add(text.from[begin], edges.after(at));
        },
        [&](std::size_t begin, std::size_t end) {
          if (in_whole(begin, end)) return;
          if (head) return head(begin, end);
          if (next_cut.empty()) {
            next_cut.resize(size + 1, size + 1);
            for (std::size_t i = size; i > 0; --i) {
              const bool cut = edges.after(text.to[i - 1]) != Edges::kNone;
              next_cut[i] = cut ? i : i == size ? size + 1 : next_cut[i + 1];
            }
            words.emplace(text, is_no_word, edges.text());
          }
          const std::size_t cut = next_cut[end];
          if (cut > words->end(end) || !piece(begin, cut, false)) return;
          cover.add(text.from[begin], edges.after(text.to[cut - 1]));
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
          cover.add(edges.before(at, escaped), text.to[size - begin - 1]);
        },
        [&](std::size_t begin, std::size_t end) {
          if (in_whole(size - end, size - begin)) return;
          if (tail) return tail(size - end, size - begin);
          if (last_cut.empty()) {
            last_cut.resize(size + 1);
            for (std::size_t i = 0; i < size; ++i) {
              const bool cut =
                  edges.before(text.from[i], escaped) != Edges::kNone;
              last_cut[i] = cut ? i + 1 : i == 0 ? 0 : last_cut[i - 1];
            }
            if (!words) words.emplace(text, is_no_word, edges.text());
          }
          const std::size_t first = size - end, cut = last_cut[first];
          if (cut == 0 || cut - 1 < words->begin(first) ||
              !piece(cut - 1, size - begin, false)) {
            return;
          }
          cover.add(edges.before(text.from[cut - 1], escaped),
                    text.to[size - begin - 1]);
        });
  }

 private:
  Patterns whole_, backward_;
};

struct Mask::Needles {
  Needle plain, hex, base64;
  Grams hex_grams, base64_grams;
  std::string application;

  void add(std::string_view value) {
    plain.add(value);
    const std::string digits = to_hex(value);
    hex.add(digits);
    hex_grams.add(digits);
    for (std::size_t before = 0; before < 3; ++before) {
      const std::string core = base64_core(value, before);
      base64.add(core);
      base64_grams.add(core);
    }
  }

  // `depth`: how many escapes were undone in `text`.
  void find(const Decoded& text, const Edges& edges, int depth,
            Cover& cover) const {
    const bool escaped = depth > 0;
    // A character that is lost counts.
    const auto worth = [&](std::string_view piece, bool lost) {
      std::string judged(piece.substr(0, kJudged));
      if (lost) judged += '?';
      return !why_not_hidden(judged, application);
    };
    const auto always = [](std::string_view, bool) { return true; };
    plain.find(text, edges, escaped, kShortestHidden - 1, worth, cover);
    const auto in_digits = [&](const Decoded& digits, const Needle& needle,
                               const Grams& grams, std::size_t least,
                               Is splits) {
      std::optional<Stretches> runs;
      const auto run = [&](std::size_t begin, std::size_t end) {
        if (!runs) runs.emplace(digits, splits, edges.text());
        const std::size_t from = digits.from[runs->begin(begin)];
        const std::size_t to = digits.to[runs->end(end - 1) - 1];
        cover.add(from, to);
        return std::pair(from, to);
      };
      // To the edge as a piece is: padding can be there.
      const auto head = [&](std::size_t begin, std::size_t end) {
        const auto [from, to] = run(begin, end);
        if (edges.after(to) != Edges::kNone) cover.add(from, edges.after(to));
      };
      const auto tail = [&](std::size_t begin, std::size_t end) {
        const auto [from, to] = run(begin, end);
        if (edges.before(from, escaped) != Edges::kNone) {
          cover.add(edges.before(from, escaped), to);
        }
      };
      needle.find(digits, edges, escaped, least, always, cover, head, tail);
      grams.find(digits.bytes, run);
    };
    const auto in_hex = [&](const Decoded& digits) {
      in_digits(digits, hex, hex_grams, kShortestHidden * 2, is_no_hex);
    };
    const auto in_base64 = [&](const Decoded& digits) {
      in_digits(digits, base64, base64_grams, kShortestHidden * 8 / 6,
                is_no_base64);
    };
    // A string of JSON in a token, a URL in a configuration, a page.
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
    // Of a text that two escapes were undone in, this would take as long as
    // all else.
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
};

Mask::Mask(const Secrets& secrets, const std::string& application) {
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
  needles->plain.build();
  needles->hex.build();
  needles->base64.build();
  needles_ = std::move(needles);
}

std::string Mask::operator()(std::string_view text) const {
  if (!needles_ || text.empty()) return std::string(text);
  Cover cover(text.size());
  const Edges edges(text);
  const Decoded plain = as_it_is(text);
  needles_->find(plain, edges, 0, cover);
  for (const Unescape outer : kEscapes) {
    const auto once = unescaped(plain, outer);
    if (!once) continue;
    needles_->find(*once, edges, 1, cover);
    for (const Unescape inner : kEscapes) {
      if (const auto twice = unescaped(*once, inner)) {
        needles_->find(*twice, edges, 2, cover);
      }
    }
  }
  return cover.hide(text);
}

std::string Mask::line(std::string_view text, std::size_t cap) const {
  return one_line((*this)(text), cap);
}

std::string one_line(std::string_view text, std::size_t cap) {
  // A character more than is kept shows that there was more.
  std::string out(text.substr(0, cap + 4));
  std::replace(out.begin(), out.end(), '\t', ' ');
  return printable(out, cap);
}

}  // namespace berth
