// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/drop.hpp"

#include <fcntl.h>

#include <algorithm>

#include "base/atomic_file.hpp"
#include "base/error.hpp"
#include "base/name.hpp"
#include "base/text.hpp"

namespace berth {
namespace {

constexpr std::string_view kDropSuffix = ".json";

Drop drop_from_json(const json::value& value) {
  ObjectReader in(value, "drop");
  in.version(1);
  Drop drop;
  read_members(in, drop);
  if (!in.boolean("end")) throw JsonError("drop: 'end' must be true", "end");
  in.finish();
  if (!is_user_name(drop.user)) {
    throw JsonError("drop: 'user' must be a login", "user");
  }
  if (drop.action.size() > 32 || drop.target.size() > 64 ||
      has_control_characters(drop.action) ||
      has_control_characters(drop.target) ||
      !turning_character(drop.action + drop.target).empty()) {
    throw JsonError("drop: 'action' and 'target' must be names", "action");
  }
  return drop;
}

// The canonical text of a value: members sorted by name.
std::string canonical(const json::value& value) {
  if (const auto* array = value.if_array()) {
    std::string out = "[";
    for (const auto& item : *array) out += canonical(item) + ",";
    return out + "]";
  }
  if (const auto* object = value.if_object()) {
    std::vector<std::string> members;
    for (const auto& [key, item] : *object) {
      members.push_back(json::serialize(json::string(key)) + ":" +
                        canonical(item));
    }
    std::sort(members.begin(), members.end());
    return "{" + join(members, ",") + "}";
  }
  return json::serialize(value);
}

// Why a directory entry cannot be a drop; empty if it can.
std::string refused_file(const struct stat& st, const DropFolder& folder) {
  if (S_ISLNK(st.st_mode)) return "is a symbolic link";
  if (S_ISDIR(st.st_mode)) return "is a directory";
  if (!S_ISREG(st.st_mode)) return "not a regular file";
  if (st.st_nlink != 1) return "has more than one hard link";
  if (st.st_uid != folder.owner) {
    return "belongs to uid " + std::to_string(st.st_uid) + ", not to " +
           (folder.roots ? "root" : "the web user; root's are in drop-root/");
  }
  if (st.st_size > static_cast<off_t>(kLargestDrop)) {
    return "larger than " + std::to_string(kLargestDrop) + " bytes";
  }
  return "";
}

}  // namespace

json::object to_json(const Drop& drop) {
  json::object out = {{"version", 1}};
  write_members(out, drop);
  out["end"] = true;
  return out;
}

std::string request_fingerprint(const Drop& drop) {
  json::object asked = drop.arguments;
  asked.erase("seen");
  return fingerprint(canonical(json::array{
      json::value(drop.action), json::value(drop.target),
      json::value(std::move(asked))}));
}

std::string idempotent_token(const std::string& user, const std::string& key) {
  return fingerprint("idempotency" + std::string(1, '\0') + user +
                     std::string(1, '\0') + key);
}

std::optional<std::string> token_of_drop(const std::string& name) {
  if (!name.ends_with(kDropSuffix)) return std::nullopt;
  std::string token = name.substr(0, name.size() - kDropSuffix.size());
  if (!is_token(token)) return std::nullopt;
  return token;
}

std::string drop_name(const std::string& token) {
  return token + std::string(kDropSuffix);
}

bool write_drop(const Dir& drop_dir, const Drop& drop) {
  if (!is_token(drop.token)) throw Error("write", "drop", "invalid token");
  // 0644: the directory limits access, and its owner must be able to read.
  AtomicFile file(drop_dir, drop_name(drop.token), 0644);
  file.write(json::serialize(to_json(drop)) + "\n");
  return file.commit(AtomicFile::Sync::durable, AtomicFile::Collision::keep);
}

ReadDrop read_drop(const DropFolder& folder, const std::string& token) {
  ReadDrop out;
  const Dir& drop_dir = folder.dir;
  const std::string name = drop_name(token);
  try {
    // Checked first without opening, because opening a device or a FIFO can do
    // harm.
    const auto seen = drop_dir.stat(name);
    if (!seen) {
      out.gone = true;
      return out;
    }
    out.bad.reason = refused_file(*seen, folder);
    if (!out.bad.reason.empty()) return out;
    Fd fd = drop_dir.open(name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (!fd) {
      out.gone = true;
      return out;
    }
    // Checked again on the open file, which may have been exchanged in between.
    struct stat st {};
    if (::fstat(fd.get(), &st) != 0) throw_errno("stat", "drop " + name);
    out.bad.reason = refused_file(st, folder);
    if (!out.bad.reason.empty()) return out;
    auto text = read_all(fd.get(), kLargestDrop, "drop " + name);
    if (!text) {
      out.bad.reason = "larger than " + std::to_string(kLargestDrop) +
                       " bytes";
      return out;
    }
    out.bad.copy = *text;
    Drop drop = drop_from_json(parse_json(*text));
    if (drop.token != token) {
      out.bad.reason = "its token differs from its file name";
      return out;
    }
    if (!folder.roots && (drop.user == "root" || drop.user == "berth")) {
      out.bad.reason = "has the user " + drop.user +
                       ", which is only accepted in drop-root/";
      return out;
    }
    drop.by_root = folder.roots;
    out.drop = std::move(drop);
  } catch (const JsonError& e) {
    out.bad.reason = e.what();
  } catch (const Error& e) {
    out.bad.reason = e.what();
  }
  return out;
}

}  // namespace berth
