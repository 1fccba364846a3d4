// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/state.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/atomic_file.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "store/layout.hpp"

namespace berth {
namespace {

constexpr std::size_t kLargestState = 64u << 20;

struct Place {
  std::string folder;  // empty: state/ itself
  std::string file;
};

Place place_of(const std::string& name) {
  const std::size_t slash = name.find('/');
  if (slash == std::string::npos) return {"", name};
  return {name.substr(0, slash), name.substr(slash + 1)};
}

// The head of a file's text; its etag is empty if there is none.
StateBody parsed(std::string_view text) {
  const std::size_t newline = text.find('\n');
  if (newline == std::string_view::npos || newline < 34 || newline > 60 ||
      text[32] != ' ') {
    return {};
  }
  const std::string_view body = text.substr(newline + 1);
  if (std::to_string(body.size()) != text.substr(33, newline - 33)) return {};
  return {std::string(text.substr(0, 32)), std::string(body)};
}

// Calls f with the directory of a name; nullopt if that does not exist.
template <class F>
auto inside(const Dir& top, const std::string& name, F f)
    -> decltype(f(top, name)) {
  const Place place = place_of(name);
  if (place.folder.empty()) return f(top, place.file);
  if (!top.exists(place.folder)) return {};
  const Dir sub(top, place.folder);
  return f(sub, place.file);
}

}  // namespace

State::State(const std::string& state_dir) : dir_(state_dir) {}

bool State::write(const std::string& name, const json::value& body) const {
  std::string text = json::serialize(body);
  // Names and comments in a SQL_ASCII cluster may be any bytes: one of them
  // must not make the whole file unreadable.
  if (!is_valid_utf8(text)) text = valid_utf8(text);
  return write_text(name, text);
}

bool State::write_text(const std::string& name, std::string_view body) const {
  const std::string etag = fingerprint(body);
  const Place place = place_of(name);
  // The setgid folder passes on the web group; 0750 excludes everybody else.
  if (!place.folder.empty()) dir_.make(place.folder, 02750);
  return inside(dir_, name, [&](const Dir& dir, const std::string& file) {
    if (Fd old = dir.open(file, O_RDONLY)) {
      char head[33] = {};
      if (::pread(old.get(), head, 32, 0) == 32 && etag == head) return false;
    }
    AtomicFile out(dir, file, kReadableByWeb);
    out.write(etag + " " + std::to_string(body.size()) + "\n");
    out.write(body);
    return out.commit(AtomicFile::Sync::cached);
  });
}

std::optional<StateBody> State::read(const std::string& name) const {
  return inside(dir_, name,
                [&](const Dir& dir, const std::string& file)
                    -> std::optional<StateBody> {
                  const auto text = dir.read(file, kLargestState);
                  if (!text) return std::nullopt;
                  StateBody body = parsed(*text);
                  // The file is replaced whole by rename, so this is a broken
                  // disk or a foreign file. State is made again, so nothing is
                  // logged.
                  if (body.etag.empty()) return std::nullopt;
                  return body;
                });
}

std::optional<json::value> State::read_json(const std::string& name) const {
  const auto found = read(name);
  if (!found) return std::nullopt;
  // Our own file: trusted, and far larger than a request may be.
  json::error_code error;
  json::value value = json::parse(found->body, error);
  if (error) throw JsonError(name + " is not JSON: " + error.message(), "");
  return value;
}

bool State::remove(const std::string& name) const {
  return inside(dir_, name, [](const Dir& dir, const std::string& file) {
    return dir.unlink(file);
  });
}

std::vector<std::string> State::list(const std::string& folder) const {
  std::vector<std::string> out;
  if (!dir_.exists(folder)) return out;
  const Dir sub(dir_, folder);
  for (const auto& name : sub.names()) {
    if (!name.starts_with('.') && name.ends_with(".json")) {
      out.push_back(name.substr(0, name.size() - 5));
    }
  }
  return out;
}

void State::touch(const std::string& name) const {
  inside(dir_, name, [](const Dir& dir, const std::string& file) {
    return ::utimensat(dir.fd(), file.c_str(), nullptr, 0) == 0;
  });
}

std::optional<std::int64_t> State::touched_ms(const std::string& name) const {
  return inside(dir_, name,
                [](const Dir& dir, const std::string& file)
                    -> std::optional<std::int64_t> {
                  const auto st = dir.stat(file);
                  if (!st) return std::nullopt;
                  return std::int64_t{st->st_mtim.tv_sec} * 1000 +
                         st->st_mtim.tv_nsec / 1000000;
                });
}

}  // namespace berth
