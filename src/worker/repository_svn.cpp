// SPDX-License-Identifier: GPL-2.0-or-later
#include <cstdio>

#include "base/error.hpp"
#include "base/text.hpp"
#include "worker/confined.hpp"
#include "worker/mask.hpp"
#include "worker/process.hpp"
#include "worker/repository.hpp"

namespace berth::worker {
namespace {

// The value of NAME="..." after `from`, before `to`; svn escapes what is
// special in XML.
std::string attribute(const std::string& xml, const std::string& name,
                      std::size_t from, std::size_t to) {
  const std::size_t at = xml.find(name + "=\"", from);
  if (at == std::string::npos || at >= to) return "";
  const std::size_t begin = at + name.size() + 2;
  return xml.substr(begin, xml.find('"', begin) - begin);
}

std::string element(const std::string& xml, const std::string& name,
                    std::size_t from, std::size_t to) {
  const std::size_t at = xml.find("<" + name + ">", from);
  if (at == std::string::npos || at >= to) return "";
  const std::size_t begin = at + name.size() + 2;
  std::string out = xml.substr(begin, xml.find('<', begin) - begin);
  static const std::pair<const char*, const char*> entities[] = {
      {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""},
      {"&apos;", "'"}, {"&amp;", "&"}};
  for (const auto& [escaped, plain] : entities) {
    const std::string text = escaped;
    for (std::size_t i; (i = out.find(text)) != std::string::npos;) {
      out.replace(i, text.size(), plain);
      if (text == "&amp;") break;  // the last: what it makes is no entity
    }
  }
  return out;
}

// 2026-11-22T19:27:03.123456Z to seconds.
std::string without_fraction(const std::string& date) {
  const std::size_t dot = date.find('.');
  return dot == std::string::npos ? date : date.substr(0, dot) + "Z";
}

struct Entry {
  std::string name, revision, at, author;
  bool folder = false;
};

std::vector<Entry> entries(const std::string& xml, const char* name_in) {
  std::vector<Entry> out;
  for (std::size_t at = xml.find("<entry"); at != std::string::npos;) {
    const std::size_t end = std::min(xml.find("</entry>", at), xml.size());
    const std::size_t commit = std::min(xml.find("<commit", at), end);
    Entry entry;
    entry.folder = attribute(xml, "kind", at, commit) == "dir";
    entry.name = element(xml, name_in, at, end);
    entry.revision = attribute(xml, "revision", commit, end);
    entry.at = without_fraction(element(xml, "date", commit, end));
    entry.author = element(xml, "author", commit, end);
    out.push_back(std::move(entry));
    at = xml.find("<entry", end);
  }
  return out;
}

constexpr std::size_t kMostListed = 8 << 20;  // bytes of one folder's list

// svn with these words; `application` says what it may read.
RunResult run_svn(std::vector<std::string> words,
                  const ApplicationConfig& application, const std::string& url,
                  Link& link, Deadline deadline) {
  words.insert(words.begin(), "svn");
  words.insert(words.end(),
               {"--non-interactive", "--no-auth-cache", "--", url});
  return run_program(words, link, deadline, kMostListed, {},
                     confined_repository(application));
}
RunResult svn(const std::string& verb, const ApplicationConfig& application,
              const std::string& url, Link& link, Deadline deadline) {
  return run_svn({verb, "--xml"}, application, url, link, deadline);
}

// nullopt: svn says no.
std::optional<Entry> entry_of(const RunResult& info) {
  if (!info.status.ok()) return std::nullopt;
  const auto found = entries(info.out, "relative-url");
  if (found.size() != 1) return std::nullopt;
  return found.front();
}

// What svn says of a mistyped path names the URL and three codes; other errors
// are its own to tell.
[[noreturn]] void throw_not_found(const std::string& path,
                                  const std::string& revision,
                                  const RunResult& info) {
  const auto says = [&](const char* code) {
    return info.err.find(code) != std::string::npos;
  };
  if (says("E160006")) {
    throw Error("find", path, "there is no revision " + revision +
                                  " in the repository yet");
  }
  if (says("170000") || says("160013")) {
    throw NoSuchPath("find", path,
                     "there is no such path in the repository" +
                         (revision.empty() ? "" : " in revision " + revision));
  }
  throw Error("find", path + (revision.empty() ? "" : "@" + revision),
              info.status.ok() ? "svn info gave no entry" : complaint(info));
}

}  // namespace

std::string svn_url(const std::string& repository, const std::string& path,
                    const std::string& peg) {
  std::string out = repository + "/";
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
        (c >= '0' && c <= '9') ||
        std::string("-._~/+,=:").find(c) != std::string::npos) {
      out += c;
    } else {
      char escaped[4];
      std::snprintf(escaped, sizeof escaped, "%%%02X", byte);
      out += escaped;
    }
  }
  return out + "@" + peg;
}

std::string resolve_svn(const ApplicationConfig& application,
                        const std::string& path, const std::string& revision,
                        Link& link, Deadline deadline) {
  const std::string peg = revision.empty() ? "HEAD" : revision;
  const RunResult info =
      svn("info", application, svn_url(application.repository, path, peg), link,
          deadline);
  const auto asked = entry_of(info);
  if (!asked) throw_not_found(path, revision, info);
  if (!asked->folder) throw Error("find", path, "it is a file, not a folder");
  if (!revision.empty()) return revision;
  // Below a folder that was moved, the path is younger than its last change.
  const auto changed = entry_of(
      svn("info", application,
          svn_url(application.repository, path, asked->revision), link,
          deadline));
  if (changed && changed->revision == asked->revision) return asked->revision;
  const RunResult head =
      run_svn({"info", "--show-item", "revision", "--no-newline"}, application,
              svn_url(application.repository, path, "HEAD"), link, deadline);
  if (!head.status.ok() || head.out.empty()) {
    throw Error("find", path, complaint(head));
  }
  return head.out;
}

PathList list_svn(const ApplicationConfig& application, Link& link,
                  Deadline deadline) {
  PathList out;
  for (const std::string& pattern : application.paths) {
    const std::size_t slash = pattern.rfind('/');
    const std::string folder =
        slash == std::string::npos ? "" : pattern.substr(0, slash);
    const std::string glob =
        slash == std::string::npos ? pattern : pattern.substr(slash + 1);
    // Globs stand in the last segment only; a plain name is one more glob.
    std::string url = svn_url(application.repository, folder, "HEAD");
    if (folder.empty()) url = application.repository + "@HEAD";
    const RunResult result = svn("list", application, url, link, deadline);
    if (!result.status.ok()) {
      // No folder of that name (E200009, W160013) is no failure.
      if (result.err.find("E200009") != std::string::npos ||
          result.err.find("E160013") != std::string::npos) {
        continue;
      }
      throw Error("list", url, complaint(result));
    }
    out.truncated = out.truncated || result.out.size() >= kMostListed;
    for (Entry& entry : entries(result.out, "name")) {
      if (!entry.folder || !glob_match(glob, entry.name)) continue;
      out.paths.push_back({folder.empty() ? entry.name
                                          : folder + "/" + entry.name,
                           entry.revision, entry.at,
                           one_line(entry.author, kLongestAuthor)});
    }
  }
  return out;
}

}  // namespace berth::worker
