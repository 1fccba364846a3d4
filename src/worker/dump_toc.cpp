// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/dump_toc.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <string_view>

#include "base/error.hpp"

namespace berth::worker {
namespace {

constexpr std::size_t kLongestName = 4096;  // as the kernel has it
constexpr std::int64_t kLongestTable = 1 << 30;

// What is there is no archive of a version that is known, or is cut off.
struct Unreadable {};

class TocReader {
 public:
  explicit TocReader(Fd fd) : fd_(std::move(fd)) {}

  // False at the end.
  bool next(unsigned char& byte) {
    if (at_ == end_ && !fill()) return false;
    byte = static_cast<unsigned char>(buffer_[at_++]);
    return true;
  }
  unsigned char byte() {
    unsigned char out = 0;
    if (!next(out)) throw Unreadable();
    return out;
  }
  // A sign, then the bytes of it, the lowest first.
  std::int64_t integer() {
    const bool negative = byte() != 0;
    std::uint64_t out = 0;
    for (unsigned i = 0; i < integer_size; ++i) {
      const std::uint64_t part = byte();
      if (i < 4) out |= part << (8 * i);
    }
    const auto value = static_cast<std::int64_t>(out);
    return negative ? -value : value;
  }
  // nullopt: the archive has NULL there. What is too long for a name is cut.
  std::optional<std::string> text() {
    const std::int64_t size = integer();
    if (size < 0) return std::nullopt;
    if (size > kLongestTable) throw Unreadable();
    std::string out;
    for (std::int64_t i = 0; i < size; ++i) {
      const char c = static_cast<char>(byte());
      if (out.size() < kLongestName) out.push_back(c);
    }
    return out;
  }

  unsigned integer_size = 4;

 private:
  bool fill() {
    ssize_t n;
    do {
      n = ::read(fd_.get(), buffer_.data(), buffer_.size());
    } while (n < 0 && errno == EINTR);
    if (n < 0) throw_errno("read", "toc.dat");
    at_ = 0;
    end_ = static_cast<std::size_t>(n);
    all_ += n;
    if (all_ > kLongestTable) throw Unreadable();
    return n > 0;
  }

  Fd fd_;
  std::array<char, 16 * 1024> buffer_;
  std::size_t at_ = 0, end_ = 0;
  std::int64_t all_ = 0;
};

bool is_strange(std::string_view name) {
  return name.find('/') != std::string_view::npos || name == "." ||
         name == "..";
}

// The archive's version, 10 to 16; the head is read.
int read_head(TocReader& in) {
  for (const char expected : std::string_view("PGDMP")) {
    if (in.byte() != static_cast<unsigned char>(expected)) throw Unreadable();
  }
  const int major = in.byte(), version = in.byte();
  in.byte();  // revision
  in.integer_size = in.byte();
  if (major != 1 || version < 10 || version > 16 || in.integer_size < 1 ||
      in.integer_size > 8) {
    throw Unreadable();
  }
  in.byte();  // size of an offset
  in.byte();  // format
  if (version >= 15) {
    in.byte();  // compression
  } else {
    in.integer();
  }
  for (int i = 0; i < 7; ++i) in.integer();  // when it was made
  for (int i = 0; i < 3; ++i) in.text();     // database, two releases
  return version;
}

// The data file of the next entry; empty where it has none.
std::string read_entry(TocReader& in, int version) {
  in.integer();  // id
  in.integer();  // whether it has data
  for (int i = 0; i < 4; ++i) in.text();  // two OIDs, tag, description
  if (version >= 11) in.integer();        // section
  // Definition, DROP, COPY, schema, tablespace, and the access method.
  for (int i = 0; i < (version >= 14 ? 6 : 5); ++i) in.text();
  if (version >= 16) in.integer();  // kind of relation
  in.text();                        // owner
  in.text();                        // WITH OIDS
  while (in.text()) {
  }  // what it depends on
  return in.text().value_or("");
}

std::optional<std::string> strange_in_toc(TocReader in) {
  const int version = read_head(in);
  for (std::int64_t left = in.integer(); left > 0; --left) {
    const std::string name = read_entry(in, version);
    if (is_strange(name)) return name;
  }
  return std::nullopt;
}

// Lines of "OID NAME".
std::optional<std::string> strange_in_lines(TocReader in) {
  std::string line;
  unsigned char byte = 0;
  for (bool more = true; more;) {
    more = in.next(byte);
    if (more && byte != '\n') {
      if (line.size() < kLongestName) line.push_back(static_cast<char>(byte));
      continue;
    }
    const std::size_t blank = line.find(' ');
    const std::string name =
        blank == std::string::npos ? line : line.substr(blank + 1);
    if (is_strange(name)) return name;
    line.clear();
  }
  return std::nullopt;
}

}  // namespace

std::optional<StrangeName> strange_name_in(const Dir& folder) {
  for (const std::string& table : folder.names()) {
    const bool entries = table == "toc.dat";
    if (!entries && !table.ends_with(".toc")) continue;
    Fd fd = folder.open(table, O_RDONLY | O_NONBLOCK);
    if (!fd) continue;  // deleted meanwhile
    try {
      const auto name = entries ? strange_in_toc(TocReader(std::move(fd)))
                                : strange_in_lines(TocReader(std::move(fd)));
      if (name) return StrangeName{table, *name};
    } catch (const Unreadable&) {
    }
  }
  return std::nullopt;
}

}  // namespace berth::worker
