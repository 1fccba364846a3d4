// SPDX-License-Identifier: GPL-2.0-or-later
// What `pg_restore -l` tells of a dump that another wrote: the first line is a
// glob of tables to leave out, the rest the list. The same bytes are also read
// as the tables of a directory-format dump, in which every name that pg_restore
// would open has to be one that pg_dump writes.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "fuzz/fuzz.hpp"
#include "worker/data/dump.hpp"
#include "worker/data/dump_names.hpp"
#include "worker/data/dump_toc.hpp"
#include "worker/data/restore.hpp"

namespace berth::fuzz {

namespace {

std::string fault_of(const std::string& name, std::string_view bytes) {
  Fd fd(::memfd_create("fuzz", MFD_CLOEXEC));
  write_all(fd.get(), bytes, "fuzz");
  ::lseek(fd.get(), 0, SEEK_SET);
  return worker::fault_of_table(name, std::move(fd));
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

// N.dat, or with `front` in front of N and another end.
bool is_named(std::string_view name, std::string_view front,
              std::string_view end) {
  return name.starts_with(front) && name.ends_with(end) &&
         name.size() > front.size() + end.size() &&
         is_number(name.substr(front.size(),
                               name.size() - front.size() - end.size()));
}

// toc.dat as pg_restore reads it, ReadToc() of PostgreSQL 17: whatever the size
// of its integers, and without a bound.
class AsPgRestore {
 public:
  explicit AsPgRestore(std::string_view rest) : rest_(rest) {}
  struct End {};

  void require_plain_names() {
    byte(5);  // PGDMP, which the check has found
    const int major = byte(), minor = byte();
    byte();
    integer_size_ = byte();
    const int version = major * 100 + minor;
    byte();
    byte();
    version >= 115 ? static_cast<void>(byte())
                   : static_cast<void>(integer());
    for (int i = 0; i < 7; ++i) integer();
    for (int i = 0; i < 3; ++i) text();
    for (int left = integer(); left > 0; --left) entry(version);
  }

 private:
  int byte(std::size_t count = 1) {
    if (rest_.size() < count) throw End();
    const int out = static_cast<unsigned char>(rest_[0]);
    rest_.remove_prefix(count);
    return out;
  }
  int integer() {
    const int sign = byte();
    unsigned out = 0;
    for (int i = 0; i < integer_size_; ++i) {
      out += static_cast<unsigned>(byte()) << (8 * i % 32);
    }
    return static_cast<int>(sign ? 0u - out : out);
  }
  std::optional<std::string> text() {
    const int size = integer();
    if (size < 0) return std::nullopt;
    const auto length = static_cast<std::size_t>(size);
    if (rest_.size() < length) throw End();
    std::string out(rest_.substr(0, length));
    rest_.remove_prefix(length);
    // It is C's text to pg_restore.
    return out.substr(0, out.find('\0'));
  }
  void entry(int version) {
    integer();
    integer();
    for (int i = 0; i < 3; ++i) text();
    const std::string kind = text().value_or("");
    if (version >= 111) integer();
    for (int i = 0; i < (version >= 114 ? 6 : 5); ++i) text();
    if (version >= 116) integer();
    for (int i = 0; i < 2; ++i) text();
    while (text()) {
    }
    const auto name = text();
    require(name.has_value(), "pg_restore does not crash on a name");
    if (name->empty()) return;
    if (kind == "BLOBS") {
      require(version < 116 || is_named(*name, "blobs_", ".toc") ||
                  *name == "blobs.toc",
              "large objects are listed in a table that was checked");
    } else {
      require(is_named(*name, "", ".dat"), "rows are in the dump's own file");
    }
  }

  std::string_view rest_;
  int integer_size_ = 4;
};

void require_checked_tables(std::string_view input) {
  if (fault_of("toc.dat", input).empty()) {
    AsPgRestore(input).require_plain_names();
  }
  if (!fault_of("blobs.toc", input).empty()) return;
  require(input.empty() || input.back() == '\n', "its last line is whole");
  while (!input.empty()) {
    const std::string line = take_line(input);
    const std::size_t blank = line.find(' ');
    require(blank != line.npos && is_number(line.substr(0, blank)) &&
                is_named(line.substr(blank + 1), "blob_", ".dat"),
            "a large object is in the dump's own file");
  }
}

}  // namespace

FUZZ(dump) {
  require_checked_tables(input);
  const std::string glob = take_line(input);
  static_cast<void>(worker::read_locale(input));
  try {
    static_cast<void>(worker::format_of(input, "a.dump"));
  } catch (const Error&) {
  }
  worker::Dump dump;
  try {
    worker::read_list(input, dump);
  } catch (const Error&) {
    return;
  }
  for (const worker::DumpItem& item : dump.items) {
    require(!item.line.empty() && item.line.find('\n') == item.line.npos &&
                input.find(item.line) != input.npos,
            "an item is a line of the list");
  }
  try {
    worker::DumpNames names(dump.items);
    names.finish();
  } catch (const Error&) {  // an entry twice
    return;
  }
  std::vector<worker::DumpItem> chosen;
  try {
    chosen = worker::chosen_items(dump.items, {glob});
  } catch (const Error&) {  // the glob meets nothing
    return;
  }
  require(chosen.size() <= dump.items.size(), "less is restored, not more");
  auto at = dump.items.begin();
  for (const worker::DumpItem& item : chosen) {
    at = std::find_if(at, dump.items.end(), [&](const auto& other) {
      return other.line == item.line;
    });
    require(at != dump.items.end(), "what is restored is in the dump's order");
    ++at;
  }
}

}  // namespace berth::fuzz
