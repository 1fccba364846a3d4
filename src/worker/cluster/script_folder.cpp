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

// A file that others may write would run with Berth's rights.
void require_safe(const struct stat& st, const std::string& path) {
  if (st.st_uid != 0 && st.st_uid != ::geteuid()) {
    throw Error("read", path, "it must be owned by root");
  }
  if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    throw Error("read", path, "it is writable for group or others");
  }
}

Script read_script(const Dir& folder, const std::string& name,
                   const std::string& shown) {
  const std::string path = folder.path_of(name);
  const auto kind = script_kind(name);
  if (!kind) {
    throw Error("read", path,
                "the name must be NN-name.sql or NN-name.assert.sql, in "
                "lower-case letters, digits and -");
  }
  const Fd fd = folder.open(name, O_RDONLY | O_NONBLOCK);
  struct stat st {};
  if (!fd || ::fstat(fd.get(), &st) != 0) throw_errno("read", path);
  if (!S_ISREG(st.st_mode)) throw Error("read", path, "not a regular file");
  require_safe(st, path);
  auto text = read_all(fd.get(), kLargestScript, path);
  if (!text) throw Error("read", path, "it exceeds 4 MiB");
  if (!is_valid_utf8(*text) || text->find('\0') != std::string::npos) {
    throw Error("read", path, "it is not UTF-8 text");
  }
  // It would count as an assertion but assert nothing.
  if (*kind == ScriptKind::assertion &&
      split_statements(*text, shown + "/" + name).empty()) {
    throw Error("read", path, "it has no statement and so asserts nothing");
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
