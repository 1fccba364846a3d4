// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>

#include <algorithm>
#include <filesystem>

#include "base/error.hpp"
#include "base/text.hpp"
#include "worker/process.hpp"
#include "worker/mask.hpp"
#include "worker/repository.hpp"

namespace berth::worker {
namespace {

// git as we want it: no prompt, no hooks, no credentials of another program,
// and no transport but those an admin can mean in berth.conf.
std::vector<std::string> git(std::vector<std::string> more) {
  std::vector<std::string> out = {
      "git", "-c", "core.askPass=true", "-c", "core.hooksPath=/dev/null",
      "-c", "protocol.ext.allow=never", "-c", "gc.auto=0"};
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

// A bare repository for one question, gone with its object. It holds commits
// without trees or files.
class Scratch {
 public:
  Scratch(Link& link, Deadline deadline) : link_(link), deadline_(deadline) {
    const char* folder = ::getenv("TMPDIR");
    path_ = std::string(folder && *folder ? folder : "/tmp") + "/berth.XXXXXX";
    if (!::mkdtemp(path_.data())) throw_errno("make", path_);
    run({"init", "--quiet", "--bare"}, "start a repository in");
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  RunResult ask(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--git-dir", path_});
    return run_program(git(arguments), link_, deadline_);
  }
  std::string run(const std::vector<std::string>& arguments,
                  const std::string& what) {
    const RunResult result = ask(arguments);
    if (!result.status.ok()) throw Error(what, "git", complaint(result));
    return result.out;
  }
  void fetch(const std::string& url, std::vector<std::string> options,
             const std::vector<std::string>& refs) {
    options.insert(options.begin(), {"fetch", "--quiet", "--no-tags",
                                     "--filter=tree:0"});
    options.insert(options.end(), {"--", url});
    options.insert(options.end(), refs.begin(), refs.end());
    const RunResult result = ask(options);
    if (!result.status.ok()) throw Error("fetch from", url, complaint(result));
  }

 private:
  Link& link_;
  Deadline deadline_;
  std::string path_;
};

struct Ref {
  std::string name;    // refs/heads/main
  std::string commit;  // an annotated tag's: what it points at
};

std::optional<Ref> find_ref(const std::string& url, const std::string& path,
                            Link& link, Deadline deadline) {
  const std::string head = "refs/heads/" + path, tag = "refs/tags/" + path;
  const RunResult result =
      run_program(git({"ls-remote", "--quiet", "--", url, head, tag,
                       tag + "^{}"}),
                  link, deadline);
  if (!result.status.ok()) throw Error("ask", url, complaint(result));
  std::optional<Ref> found;
  for (const std::string& line : split(result.out, '\n')) {
    const auto parts = split(line, '\t');
    if (parts.size() != 2) continue;
    // A branch wins over a tag, a tag's commit over the tag itself. The
    // patterns match from the end, so other names may come as well.
    if (parts[1] == head) return Ref{head, parts[0]};
    if (parts[1] == tag && !found) found = Ref{tag, parts[0]};
    if (parts[1] == tag + "^{}") found = Ref{tag, parts[0]};
  }
  return found;
}

}  // namespace

std::string resolve_git(const ApplicationConfig& application,
                        const std::string& path, const std::string& revision,
                        Link& link, Deadline deadline) {
  const std::string& url = application.repository;
  const auto ref = find_ref(url, path, link, deadline);
  if (!ref) throw NoSuchPath("find", path, "there is no such branch or tag");
  if (revision.empty() || revision == ref->commit) return ref->commit;
  Scratch scratch(link, deadline);
  scratch.fetch(url, {}, {"+" + ref->name + ":refs/berth/asked"});
  const RunResult full = scratch.ask(
      {"rev-parse", "--verify", "--quiet", "--end-of-options",
       revision + "^{commit}"});
  std::string commit = full.out;
  while (!commit.empty() && commit.back() == '\n') commit.pop_back();
  if (!full.status.ok() || commit.size() != 40) {
    throw Error("find", path + " " + revision,
                "this branch or tag has no such commit, or several begin so");
  }
  if (!scratch.ask({"merge-base", "--is-ancestor", commit, "refs/berth/asked"})
           .status.ok()) {
    throw Error("find", path + " " + revision, "the commit is not on it");
  }
  return commit;
}

PathList list_git(const ApplicationConfig& application, Link& link,
                  Deadline deadline) {
  Scratch scratch(link, deadline);
  scratch.fetch(application.repository, {"--depth=1"},
                {"+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"});
  const std::string out = scratch.run(
      {"for-each-ref", "--sort=-committerdate",
       "--count=" + std::to_string(2 * kMostPaths),
       "--format=%(refname:lstrip=2)%09%(objectname)%09%(*objectname)%09"
       "%(committerdate:unix)%(*committerdate:unix)%09"
       "%(authorname)%(*authorname)",
       "refs/heads", "refs/tags"},
      "list the branches with");
  PathList list;
  for (const std::string& line : split(out, '\n')) {
    const auto parts = split(line, '\t');
    if (parts.size() != 5) continue;
    const std::string when = parts[3];
    const bool number = !when.empty() && when.size() < 12 &&
                        std::all_of(when.begin(), when.end(), [](char c) {
                          return c >= '0' && c <= '9';
                        });
    list.paths.push_back({parts[0], parts[2].empty() ? parts[1] : parts[2],
                          number ? rfc3339(std::stoll(when)) : "",
                          one_line(parts[4], 200)});
  }
  return list;
}

}  // namespace berth::worker
