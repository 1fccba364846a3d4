// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/data/dump_toc.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/error.hpp"
#include "base/text.hpp"

namespace berth::worker {
namespace {

constexpr std::size_t kLongestName = 4096;  // the kernel's limit
constexpr std::size_t kLongestLine = 64;    // two numbers and "blob_.dat"
constexpr std::int64_t kLongestTable = 1 << 30;
constexpr int kOldestArchive = 10, kNewestArchive = 16;  // 1.10 to 1.16
constexpr const char* kAskWho =
    "; pg_dump does not write that: find out where the dump comes from";

// Why the table is refused: "names the file ../x".
struct Fault {
  std::string why;
};

constexpr std::size_t kMostDigits = 10;
constexpr const char* kPackedEnds[] = {".gz", ".lz4", ".zst"};

// Removes a number as printf writes it from the front; false if there is none,
// if it begins with 0, or if it has more than ten digits.
bool take_digits(std::string_view& text) {
  const std::size_t digits =
      std::min(text.find_first_not_of("0123456789"), text.size());
  if (digits == 0 || digits > kMostDigits || text[0] == '0') return false;
  text.remove_prefix(digits);
  return true;
}

bool take_word(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  return true;
}

bool is_rows(std::string_view name) {
  return take_digits(name) && name == ".dat";
}

bool is_packed_end(std::string_view end) {
  return std::find(std::begin(kPackedEnds), std::end(kPackedEnds), end) !=
         std::end(kPackedEnds);
}

bool is_table_of_objects(std::string_view name) {
  if (name == "blobs.toc") return true;
  return take_word(name, "blobs_") && take_digits(name) && name == ".toc";
}

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
    if (!next(out)) {
      throw Fault{"is truncated at byte " + std::to_string(read_)};
    }
    return out;
  }
  // A sign, then four bytes, the lowest first.
  std::int64_t integer() {
    const bool negative = byte() != 0;
    std::uint32_t out = 0;
    for (unsigned i = 0; i < 4; ++i) {
      out |= static_cast<std::uint32_t>(byte()) << (8 * i);
    }
    const auto value = static_cast<std::int32_t>(out);
    if (value < 0) refuse("has a number that pg_dump does not write");
    return negative ? -std::int64_t{value} : value;
  }
  // nullopt: the archive has NULL there. A text that is too long for a name is
  // cut. For pg_restore a text ends at its first NUL byte, here at its length;
  // a text with such a byte is refused, because the two must never differ.
  std::optional<std::string> text() {
    const std::int64_t size = integer();
    if (size < 0) return std::nullopt;
    std::string out;
    for (std::int64_t i = 0; i < size; ++i) {
      const char c = static_cast<char>(byte());
      if (c == '\0') refuse("has a text with a NUL byte");
      if (out.size() < kLongestName) out.push_back(c);
    }
    return out;
  }
  [[noreturn]] void refuse(const std::string& what) const {
    throw Fault{what + " before byte " +
                std::to_string(read_ - static_cast<std::int64_t>(end_ - at_))};
  }

 private:
  bool fill() {
    ssize_t n;
    do {
      n = ::read(fd_.get(), buffer_.data(), buffer_.size());
    } while (n < 0 && errno == EINTR);
    if (n < 0) throw_errno("read", "a dump's table of contents");
    at_ = 0;
    end_ = static_cast<std::size_t>(n);
    read_ += n;
    if (read_ > kLongestTable) throw Fault{"is larger than 1 GiB"};
    return n > 0;
  }

  Fd fd_;
  std::array<char, 16 * 1024> buffer_;
  std::size_t at_ = 0, end_ = 0;
  std::int64_t read_ = 0;
};

// Reads the head and returns the archive's version, 10 to 16.
int read_head(TocReader& in) {
  for (const char expected : std::string_view("PGDMP")) {
    if (in.byte() != static_cast<unsigned char>(expected)) {
      in.refuse("is not an archive of pg_dump: it does not begin with PGDMP");
    }
  }
  const int major = in.byte(), version = in.byte();
  in.byte();  // revision
  if (major != 1 || version < kOldestArchive || version > kNewestArchive) {
    throw Fault{"is an archive of version " + std::to_string(major) + "." +
                std::to_string(version) +
                ", but Berth reads 1.10 to 1.16 (pg_dump of PostgreSQL 8.0 to "
                "18); write it with one of these, or with pg_dump -Fc"};
  }
  const int integer_size = in.byte();
  if (integer_size != 4) {
    throw Fault{"has integers of " + std::to_string(integer_size) +
                " bytes, but pg_dump writes 4"};
  }
  in.byte();  // size of an offset
  if (in.byte() != 3) in.refuse("is not of the directory format");
  if (version >= 15) {
    in.byte();  // compression
  } else {
    in.integer();
  }
  for (int i = 0; i < 7; ++i) in.integer();  // creation date
  for (int i = 0; i < 3; ++i) in.text();     // database, two releases
  return version;
}

// The file that the entry of all large objects names before version 1.16.
using UnreadTable = std::optional<std::string>;

// Throws for an entry whose file name does not fit its kind.
void check_entry(TocReader& in, int version, UnreadTable& unread) {
  in.integer();  // id
  in.integer();  // whether it has data
  for (int i = 0; i < 3; ++i) in.text();  // two OIDs, tag
  const bool objects = in.text() == "BLOBS";  // its type
  if (version >= 11) in.integer();            // section
  // Definition, DROP, COPY, schema, tablespace, and the access method.
  for (int i = 0; i < (version >= 14 ? 6 : 5); ++i) in.text();
  if (version >= 16) in.integer();  // kind of relation
  in.text();                        // owner
  in.text();                        // WITH OIDS
  while (in.text()) {
  }  // dependencies
  const auto name = in.text();
  if (!name) in.refuse("has an entry without the file of its data");
  if (name->empty()) return;
  if (objects && version < 16 && is_rows(*name)) {
    if (unread) in.refuse("has two entries for all large objects");
    unread = *name;
    return;
  }
  if (!(objects ? is_table_of_objects(*name) : is_rows(*name))) {
    throw Fault{"names the file " + printable(*name, 200)};
  }
}

UnreadTable check_entries(TocReader in) {
  const int version = read_head(in);
  const std::int64_t entries = in.integer();
  if (entries < 0) in.refuse("has a negative number of entries");
  UnreadTable unread;
  for (std::int64_t i = 0; i < entries; ++i) check_entry(in, version, unread);
  return unread;
}

// "N blob_N.dat". Any other line is refused, with its file name if it has one.
void check_line(const std::string& line, std::int64_t number) {
  std::string_view rest = line;
  if (take_digits(rest) && take_word(rest, " blob_") && take_digits(rest) &&
      rest == ".dat") {
    return;
  }
  const std::size_t blank = line.find(' ');
  throw Fault{(blank == std::string::npos || line.size() > kLongestLine
                   ? "has " + printable(line, kLongestLine)
                   : "names the file " + printable(line.substr(blank + 1))) +
              " in line " + std::to_string(number)};
}

void check_lines(TocReader in) {
  std::string line;
  unsigned char byte = 0;
  for (std::int64_t number = 1; in.next(byte);) {
    if (byte == '\n') {
      check_line(line, number++);
      line.clear();
    } else {
      line.push_back(static_cast<char>(byte));
      if (line.size() > kLongestLine) check_line(line, number);
    }
  }
  if (!line.empty()) throw Fault{"is truncated in its last line"};
}

}  // namespace

bool is_file_of_dump(const std::string& name) {
  if (name == "toc.dat" || is_table_of_objects(name)) return true;
  std::string_view rest = name;
  take_word(rest, "blob_");
  if (!take_digits(rest) || !take_word(rest, ".dat")) return false;
  return rest.empty() || is_packed_end(rest);
}

std::vector<std::string> patterns_of_dump() {
  std::vector<std::string> out = {"toc.dat", "blobs.toc"};
  std::string number = "[1-9]";
  for (std::size_t i = 0; i < kMostDigits; ++i) {
    out.push_back("blobs_" + number + ".toc");
    for (const char* front : {"", "blob_"}) {
      out.push_back(front + number + ".dat");
      for (const char* end : kPackedEnds) {
        out.push_back(front + number + ".dat" + end);
      }
    }
    number += "[0-9]";
  }
  return out;
}

std::string fault_of_name(const std::string& name) {
  if (is_file_of_dump(name)) return "";
  const std::size_t dot = std::min(name.rfind('.'), name.size());
  const std::string front = name.substr(0, dot);
  if (is_packed_end(std::string_view(name).substr(dot)) &&
      (front == "toc.dat" || is_table_of_objects(front))) {
    return "which is not a file of a dump in directory format";
  }
  if (!is_valid_utf8(name) || has_control_characters(name) ||
      !turning_character(name).empty()) {
    return "a name with control characters or invalid UTF-8";
  }
  return "";
}

std::string fault_of_table(const std::string& name, Fd table,
                           const Dir* folder) {
  try {
    if (name == "toc.dat") {
      const auto unread = check_entries(TocReader(std::move(table)));
      for (const char* end : {"", ".gz", ".lz4", ".zst"}) {
        if (!unread || !folder || !folder->stat(*unread + end)) continue;
        throw Fault{"names " + *unread + end +
                    ", which exists, for large objects"};
      }
    } else {
      check_lines(TocReader(std::move(table)));
    }
  } catch (const Fault& fault) {
    return "its " + name + " " + fault.why;
  }
  return "";
}

bool is_folder_beside(const std::string& name) {
  return std::find(std::begin(kFoldersBeside), std::end(kFoldersBeside),
                   name) != std::end(kFoldersBeside);
}

std::string fault_of_folder(const Dir& folder) {
  for (const std::string& name : folder.names()) {
    const auto found = folder.stat(name);
    if (!found) continue;  // deleted in the meantime
    if (S_ISDIR(found->st_mode) && is_folder_beside(name)) continue;
    if (!S_ISREG(found->st_mode)) {
      return "contains " + printable(name) + ", which is not a regular file" +
             kAskWho;
    }
    const std::string why = fault_of_name(name);
    if (!why.empty()) {
      return "contains " + printable(name) + ", " + why + kAskWho;
    }
    if (!is_file_of_dump(name)) continue;
    if (name != "toc.dat" && !name.ends_with(".toc")) continue;
    Fd table = folder.open(name, O_RDONLY | O_NONBLOCK);
    if (!table) continue;
    const std::string fault = fault_of_table(name, std::move(table), &folder);
    if (!fault.empty()) return fault + kAskWho;
  }
  return "";
}

}  // namespace berth::worker
