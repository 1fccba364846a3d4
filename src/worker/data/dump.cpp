// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/data/dump.hpp"

#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cstdio>

#include "base/dir.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "worker/data/dump_names.hpp"
#include "worker/data/dump_toc.hpp"
#include "worker/job/confined.hpp"
#include "worker/job/stream.hpp"

namespace berth::worker {
namespace {

constexpr std::size_t kMostItems = 1000 * 1000;
constexpr std::size_t kLargestList = 128 << 20;  // bytes of `pg_restore -l`
constexpr std::size_t kMostWords = 64 * 1024;

[[noreturn]] void refuse_dump(const std::string& path, const std::string& why) {
  throw Error("read", "the dump " + path, why);
}

constexpr const char* kPlain =
    "is plain SQL; write it with pg_dump -Fc or -Fd";

std::string head_of(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat st {};
  if (!fd || ::fstat(fd.get(), &st) != 0) throw_errno("read", path);
  if (!S_ISREG(st.st_mode)) refuse_dump(path, "is neither a file nor a folder");
  std::array<char, 512> buffer;
  const ssize_t n = ::read(fd.get(), buffer.data(), buffer.size());
  if (n < 0) throw_errno("read", path);
  return {buffer.data(), static_cast<std::size_t>(n)};
}

std::string entry_of(const std::string& name, const struct stat& st) {
  std::string out = name;
  for (const auto number :
       {static_cast<std::int64_t>(st.st_dev),
        static_cast<std::int64_t>(st.st_ino),
        static_cast<std::int64_t>(st.st_size),
        static_cast<std::int64_t>(st.st_mtim.tv_sec),
        static_cast<std::int64_t>(st.st_mtim.tv_nsec),
        static_cast<std::int64_t>(st.st_ctim.tv_sec),
        static_cast<std::int64_t>(st.st_ctim.tv_nsec)}) {
    out += " " + std::to_string(number);
  }
  return out + "\n";
}

// Calls `each` with name and stat of each file, sorted; "" for `path` itself.
// Files that do not belong to the dump are skipped.
template <class Each>
void for_each_file(const std::string& path, Each each) {
  struct stat st {};
  if (::stat(path.c_str(), &st) != 0) throw_errno("read", path);
  each("", st);
  if (!S_ISDIR(st.st_mode)) return;
  const Dir folder(path);
  for (const std::string& name : folder.names()) {
    if (!is_file_of_dump(name)) continue;
    if (const auto found = folder.stat(name)) each(name, *found);
  }
}

// pg_dump's local time, read as this machine's.
std::optional<Instant> local_instant(const std::string& text) {
  std::tm at{};
  if (std::sscanf(text.c_str(), "%d-%d-%d %d:%d:%d", &at.tm_year, &at.tm_mon,
                  &at.tm_mday, &at.tm_hour, &at.tm_min, &at.tm_sec) != 6) {
    return std::nullopt;
  }
  at.tm_year -= 1900;
  at.tm_mon -= 1;
  at.tm_isdst = -1;
  const std::time_t out = ::mktime(&at);
  if (out <= 0) return std::nullopt;
  return static_cast<Instant>(out);
}

std::optional<DumpItem> item_in(std::string_view line) {
  // "id; class_oid oid TEXT OWNER"
  DumpItem out;
  out.line = std::string(line);
  for (const auto& [number, end] :
       {std::pair{&out.id, "; "}, {&out.class_oid, " "}, {&out.oid, " "}}) {
    *number = take_number(line).value_or(-1);
    if (*number < 0 || !line.starts_with(end)) return std::nullopt;
    line.remove_prefix(std::strlen(end));
  }
  const std::size_t owner = line.rfind(' ');
  if (out.id == 0 || owner == std::string_view::npos) return std::nullopt;
  out.text = std::string(line.substr(0, owner));
  return out;
}

std::string pg_restore_says(const std::vector<std::string>& more,
                            const Dump& dump, Link& link, PrivateLog& in_full,
                            Deadline deadline, const OnLine& on_line) {
  std::vector<std::string> argv = {"pg_restore"};
  argv.insert(argv.end(), more.begin(), more.end());
  argv.insert(argv.end(), {"--", dump.path});
  std::string words;
  const ExitStatus status = run_streamed(
      argv, environment_with({{"LC_ALL", "C"}, {"TZ", "UTC"}}),
      confined_pg_restore(dump.path), link, deadline,
      [&](bool error, std::string_view line) {
        if (!error) return on_line(false, line);
        // It names each item that it reads; the reason of a failure is last.
        words += std::string(line) + "\n";
        if (words.size() > 2 * kMostWords) words.erase(0, kMostWords);
      });
  if (status.ok()) return "";
  in_full.write("fetch", words);
  if (words.find("unsupported version") != std::string::npos) {
    return "it was written by a newer pg_dump than the pg_restore here; "
           "install that release's postgresql-client";
  }
  return "pg_restore cannot read it: it is truncated or damaged; the output "
         "is in " + in_full.name();
}

}  // namespace

DumpFormat format_of(std::string_view head, const std::string& path) {
  if (head.empty()) refuse_dump(path, "is empty");
  if (head.starts_with("PGDMP")) return DumpFormat::custom;
  if (head.size() >= 262 && head.substr(257, 5) == "ustar") {
    return DumpFormat::tar;
  }
  static const std::pair<std::string_view, const char*> packed[] = {
      {"\x1f\x8b", "gzip"}, {"\x28\xb5\x2f\xfd", "zstd"},
      {"\xfd" "7zXZ", "xz"}, {"BZh", "bzip2"}, {"\x04\x22\x4d\x18", "lz4"}};
  for (const auto& [magic, name] : packed) {
    if (head.starts_with(magic)) {
      refuse_dump(path,
                  std::string("is compressed with ") + name +
                      "; write it with pg_dump -Fc, which compresses it");
    }
  }
  if (head.starts_with("--") || head.starts_with("SET ") ||
      head.starts_with("\\restrict") || head.starts_with("CREATE ")) {
    refuse_dump(path, kPlain);
  }
  refuse_dump(path, "is not a dump; write it with pg_dump -Fc or -Fd");
}

bool is_from_the_future(Instant created_at, Instant now) {
  return created_at > now + kZonesApart;
}

void require_of_the_past(const Dump& dump, Instant now) {
  if (!is_from_the_future(dump.created_at, now)) return;
  refuse_dump(dump.path,
              "is dated " + rfc3339(dump.created_at) + ", but it is " +
                  rfc3339(now) + " now: no later dump would be newer than it; "
                  "set the clock of the machine that writes the dump, or find "
                  "out where the dump comes from");
}

std::string dump_identity(const std::string& path) {
  std::string all;
  for_each_file(path, [&](const std::string& name, const struct stat& st) {
    // A folder's own times change with files that do not belong to the dump.
    if (!S_ISDIR(st.st_mode)) all += entry_of(name, st);
  });
  return fingerprint(all);
}

void DumpList::take(std::string_view line) {
  static constexpr std::string_view kDate = "; Archive created at ";
  if (!at_ && line.starts_with(kDate)) {
    at_ = local_instant(std::string(line.substr(kDate.size())));
  }
  bytes_ += line.size();
  if (auto item = item_in(line)) dump_.items.push_back(std::move(*item));
  if (dump_.items.size() > kMostItems || bytes_ > kLargestList) {
    refuse_dump(dump_.path, "has more than a million entries, or more than " +
                                std::to_string(kLargestList >> 20) +
                                " MiB of them");
  }
}

void DumpList::end() {
  if (!at_) refuse_dump(dump_.path, "has no creation date");
  dump_.created_at = *at_;
}

void read_list(std::string_view text, Dump& dump) {
  DumpList list(dump);
  StreamLines lines;
  const auto take = [&](const std::string& line) { list.take(line); };
  lines.take(text, take);
  lines.end(take);
  list.end();
}

DumpLocale read_locale(std::string_view line) {
  DumpLocale out;
  const auto value = [&](std::string_view name) -> std::string {
    const std::string key = " " + std::string(name) + " = ";
    // From the end, because the database's name precedes and can be anything.
    const std::size_t at = line.rfind(key);
    if (at == std::string_view::npos) return "";
    const std::string_view rest = line.substr(at + key.size());
    if (!rest.starts_with('\'')) {
      return std::string(rest.substr(0, rest.find_first_of(" ;")));
    }
    return std::string(rest.substr(1, rest.find('\'', 1) - 1));
  };
  out.encoding = value("ENCODING");
  out.provider = value("LOCALE_PROVIDER");
  out.locale = value("LOCALE");
  out.collate = value("LC_COLLATE");
  out.ctype = value("LC_CTYPE");
  out.icu = value("ICU_LOCALE");
  return out;
}

Dump read_dump(const std::string& path, Link& link, PrivateLog& in_full,
               Deadline deadline) {
  Dump out;
  out.path = path;
  out.identity = dump_identity(path);
  bool folder = false;
  for_each_file(path, [&](const std::string& name, const struct stat& st) {
    if (name.empty() && S_ISDIR(st.st_mode)) folder = true;
    if (S_ISREG(st.st_mode)) out.size += st.st_size;
  });
  if (!folder) {
    out.format = format_of(head_of(path), path);
  } else if (::access((path + "/toc.dat").c_str(), R_OK) == 0) {
    const std::string fault = fault_of_folder(Dir(path));
    if (!fault.empty()) refuse_dump(path, fault);
    out.format = DumpFormat::directory;
  } else {
    refuse_dump(path,
                "is a folder without a toc.dat that berth can read; write it "
                "with pg_dump -Fd");
  }
  DumpList list(out);
  std::string why = pg_restore_says(
      {"--list"}, out, link, in_full, deadline,
      [&](bool, std::string_view line) { list.take(line); });
  if (!why.empty()) refuse_dump(path, why);
  list.end();
  DumpNames names(out.items);
  why = pg_restore_says(
      {"--create", "--schema-only", "--no-tablespaces", "--verbose",
       "--file=-"},
      out, link, in_full, deadline, [&](bool, std::string_view line) {
        names.take(line);
        if (out.locale.encoding.empty() &&
            line.starts_with("CREATE DATABASE ")) {
          out.locale = read_locale(line);
        }
      });
  if (!why.empty()) refuse_dump(path, why);
  names.finish();
  return out;
}

}  // namespace berth::worker
