// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/mask.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <set>
#include <stdexcept>

#include "base/dir.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "worker/quote.hpp"

namespace berth::worker {
namespace {

constexpr std::size_t kLargestSecret = 64 * 1024;

bool is_directory(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) == 0) return S_ISDIR(found.st_mode);
  if (errno != ENOENT) throw_errno("look for", path);
  return false;
}

std::string quoted_or_empty(std::string (*quote)(const SetValue&),
                            const std::string& text) {
  try {
    return quote(text);
  } catch (const std::invalid_argument&) {
    return "";  // then no template can write it either
  }
}

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

Mask::Mask(const Secrets& secrets) {
  std::set<std::string> values;
  for (const auto& [name, secret] : secrets) {
    for (const std::string& line : split(secret, '\n')) {
      if (line.empty()) continue;
      values.insert(line);
      for (const auto quote : {quote_python, quote_shell, quote_apache}) {
        const std::string quoted = quoted_or_empty(quote, line);
        // Without its quotes, which the text around may have changed.
        if (quoted.size() > line.size() + 2) {
          values.insert(quoted.substr(1, quoted.size() - 2));
        }
      }
    }
  }
  hidden_.assign(values.begin(), values.end());
  std::sort(hidden_.begin(), hidden_.end(),
            [](const std::string& a, const std::string& b) {
              return a.size() > b.size();
            });
}

std::string Mask::operator()(std::string_view text) const {
  std::string out(text);
  for (const std::string& value : hidden_) {
    for (std::size_t at = out.find(value); at != std::string::npos;
         at = out.find(value, at + 5)) {
      out.replace(at, value.size(), "*****");
    }
  }
  return out;
}

std::string one_line(std::string_view text, std::size_t cap) {
  // A character more than is kept shows that there was more.
  std::string out(text.substr(0, cap + 4));
  std::replace(out.begin(), out.end(), '\t', ' ');
  return printable(out, cap);
}

}  // namespace berth::worker
