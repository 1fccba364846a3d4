// SPDX-License-Identifier: GPL-2.0-or-later
// read_scripts() of worker/cluster/script.hpp.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "base/dir.hpp"
#include "base/name.hpp"
#include "base/text.hpp"
#include "worker/cluster/script.hpp"
#include "worker/cluster/statement.hpp"

namespace berth::worker {
namespace {

constexpr std::size_t kLargestScript = 4 << 20;

bool is_passed_over(std::string_view name) {
  return name == "README" || name.starts_with('.') || name.ends_with('~');
}

// What somebody else may write runs with our rights.
void require_safe(const struct stat& st, const std::string& path) {
  if (st.st_uid != 0 && st.st_uid != ::geteuid()) {
    throw Error("read", path, "it must belong to root");
  }
  if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    throw Error("read", path, "group or others may write to it");
  }
}

Script read_script(const Dir& folder, const std::string& name,
                   const std::string& shown) {
  const std::string path = folder.path_of(name);
  const auto kind = script_kind(name);
  if (!kind) {
    throw Error("read", path,
                "is not called NN-name.sql or NN-name.assert.sql, in small "
                "letters, digits and -");
  }
  const Fd fd = folder.open(name, O_RDONLY | O_NONBLOCK);
  struct stat st {};
  if (!fd || ::fstat(fd.get(), &st) != 0) throw_errno("read", path);
  if (!S_ISREG(st.st_mode)) throw Error("read", path, "is no regular file");
  require_safe(st, path);
  auto text = read_all(fd.get(), kLargestScript, path);
  if (!text) throw Error("read", path, "has more than 4 MiB");
  if (!is_valid_utf8(*text) || text->find('\0') != std::string::npos) {
    throw Error("read", path, "is not text in UTF-8");
  }
  // It would be counted as an assertion, and nothing would be asserted.
  if (*kind == ScriptKind::assertion &&
      split_statements(*text, shown + "/" + name).empty()) {
    throw Error("read", path, "has no statement, so that it asserts nothing");
  }
  return {shown + "/" + name, std::move(*text), *kind == ScriptKind::assertion};
}

}  // namespace

std::vector<Script> read_scripts(const std::string& config_folder,
                                 const std::string& kind,
                                 const std::string& application) {
  std::vector<Script> out;
  const Dir config(config_folder.empty() ? "/" : config_folder);
  if (!config.exists(kind)) return out;
  const Dir all(config, kind);
  if (!all.exists(application)) return out;
  const Dir folder(all, application);
  for (const Dir* dir : {&all, &folder}) {
    struct stat st {};
    if (::fstat(dir->fd(), &st) != 0) throw_errno("read", dir->path());
    require_safe(st, dir->path());
  }
  for (const std::string& name : folder.names()) {
    if (is_passed_over(name)) continue;
    out.push_back(read_script(folder, name, kind + "/" + application));
  }
  const std::size_t number = kind.size() + application.size() + 2;
  std::stable_sort(out.begin(), out.end(), [&](const auto& a, const auto& b) {
    const auto key = [&](const Script& s) {
      return std::pair(s.name.substr(number, 2), s.assertion);
    };
    return key(a) < key(b);
  });
  return out;
}

}  // namespace berth::worker
