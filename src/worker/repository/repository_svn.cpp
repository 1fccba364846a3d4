// SPDX-License-Identifier: GPL-2.0-or-later
#include <cstdio>

#include "base/error.hpp"
#include "base/text.hpp"
#include "base/xml.hpp"
#include "step/mask.hpp"
#include "worker/repository/repository.hpp"
#include "worker/repository/repository_program.hpp"

namespace berth::worker {
namespace {

// 2026-11-22T19:27:03.123456Z without the fraction of the second.
std::string without_fraction(const std::string& date) {
  const std::size_t dot = date.find('.');
  return dot == std::string::npos ? date : date.substr(0, dot) + "Z";
}

constexpr std::size_t kMostListed = 8 << 20;  // bytes of one folder's list
constexpr std::size_t kLongestSegment = 255;  // bytes, as in a file system

RunResult run_svn(const RepositoryProgram& program,
                  std::vector<std::string> words, const std::string& url) {
  words.insert(words.begin(), "svn");
  words.insert(words.end(),
               {"--non-interactive", "--no-auth-cache", "--", url});
  return program.run(words, kMostListed);
}
RunResult svn(const RepositoryProgram& program, const std::string& verb,
              const std::string& url) {
  return run_svn(program, {verb, "--xml"}, url);
}

// nullopt: svn failed.
std::optional<SvnEntry> entry_of(const RunResult& info) {
  if (!info.status.ok()) return std::nullopt;
  auto found = svn_entries(info.out, false);
  if (found.size() != 1) return std::nullopt;
  return std::move(found.front());
}

// svn's message for a mistyped path consists of the URL and three codes, so it
// is replaced. Other errors are passed on in svn's words.
[[noreturn]] void throw_not_found(const std::string& path,
                                  const std::string& revision,
                                  const RunResult& info) {
  const auto says = [&](const char* code) {
    return info.err.find(code) != std::string::npos;
  };
  if (says("E160006")) {
    throw Error("find", path, "the repository has no revision " + revision +
                                  " yet");
  }
  if (says("170000") || says("160013")) {
    throw NoSuchPath("find", path,
                     "the repository has no such path" +
                         (revision.empty() ? "" : " in revision " + revision));
  }
  throw Error("find", path + (revision.empty() ? "" : "@" + revision),
              info.status.ok() ? "svn info printed no entry" : complaint(info));
}

// Closes the XML document that was cut off, after its last whole entry.
std::string closed(std::string xml) {
  const std::size_t end = xml.rfind("</entry>");
  xml.resize(end == std::string::npos ? 0 : end);
  return xml.empty() ? "<lists/>" : xml + "</entry></list></lists>";
}

}  // namespace

std::vector<SvnEntry> svn_entries(std::string xml, bool cut) {
  if (cut) xml = closed(std::move(xml));
  // The name of an author can contain any bytes.
  const pugi::xml_document document =
      parse_xml(valid_utf8(xml), "svn's answer", 2 * kMostListed);
  const pugi::xml_node root = document.document_element();
  std::vector<SvnEntry> out;
  const auto take = [&out](const pugi::xml_node& parent) {
    for (const pugi::xml_node entry : parent.children("entry")) {
      const pugi::xml_node commit = entry.child("commit");
      SvnEntry one;
      one.folder = std::string_view(entry.attribute("kind").value()) == "dir";
      one.name = xml_text(entry.child("name"));
      one.revision = commit.attribute("revision").value();
      one.at = without_fraction(xml_text(commit.child("date")));
      one.author = xml_text(commit.child("author"));
      out.push_back(std::move(one));
    }
  };
  take(root);  // of svn info
  for (const pugi::xml_node list : root.children("list")) take(list);
  return out;
}

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
  const RepositoryProgram program(application, link, deadline);
  const RunResult info =
      svn(program, "info", svn_url(program.url, path, peg));
  const auto asked = entry_of(info);
  if (!asked) throw_not_found(path, revision, info);
  if (!asked->folder) throw Error("find", path, "it is a file, not a folder");
  if (!revision.empty()) return revision;
  // Below a folder that was moved, a path is younger than its last change.
  const auto changed = entry_of(
      svn(program, "info", svn_url(program.url, path, asked->revision)));
  if (changed && changed->revision == asked->revision) return asked->revision;
  const RunResult head =
      run_svn(program, {"info", "--show-item", "revision", "--no-newline"},
              svn_url(program.url, path, "HEAD"));
  if (!head.status.ok() || head.out.empty()) {
    throw Error("find", path, complaint(head));
  }
  return head.out;
}

PathList list_svn(const ApplicationConfig& application, Link& link,
                  Deadline deadline) {
  PathList out;
  const RepositoryProgram program(application, link, deadline);
  for (const std::string& pattern : application.paths) {
    const std::size_t slash = pattern.rfind('/');
    const std::string folder =
        slash == std::string::npos ? "" : pattern.substr(0, slash);
    const std::string glob =
        slash == std::string::npos ? pattern : pattern.substr(slash + 1);
    // Only the last segment can be a glob; a plain name is treated as one.
    std::string url = svn_url(application.repository, folder, "HEAD");
    if (folder.empty()) url = application.repository + "@HEAD";
    const RunResult result = svn(program, "list", url);
    if (!result.status.ok()) {
      // A folder that does not exist (E200009, E160013) is not an error.
      if (result.err.find("E200009") != std::string::npos ||
          result.err.find("E160013") != std::string::npos) {
        continue;
      }
      throw Error("list", url, complaint(result));
    }
    const bool cut = result.out.size() >= kMostListed;
    out.truncated = out.truncated || cut;
    for (SvnEntry& entry : svn_entries(result.out, cut)) {
      if (deadline.passed()) throw Error("list", url, "timed out");
      if (!entry.folder || entry.name.size() > kLongestSegment ||
          !glob_match(glob, entry.name)) {
        continue;
      }
      out.paths.push_back({folder.empty() ? entry.name
                                          : folder + "/" + entry.name,
                           entry.revision, entry.at,
                           one_line(entry.author, kLongestAuthor)});
    }
  }
  return out;
}

}  // namespace berth::worker
