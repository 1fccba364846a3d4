// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <map>

#include "base/atomic_file.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "step/mask.hpp"
#include "worker/repository/repository.hpp"
#include "worker/repository/repository_program.hpp"

namespace berth::worker {
namespace {

// The most that one listing may download. A server without partial clone
// (uploadpack.allowFilter) sends all files too, however large they are.
constexpr std::int64_t kMostForAges = std::int64_t{16} << 20;

constexpr std::size_t kMostRefs = 2 * kMostPaths;  // whose ages are fetched
constexpr std::size_t kRefsAtOnce = 500;
constexpr int kMostFetches = 40;  // per listing
constexpr std::size_t kMostAdvertised = 8 << 20;  // bytes
constexpr std::size_t kMostAnswered = 4 << 20;

// The options that every git command gets: no prompt, no hooks, no credential
// helper of another program, no transport that an administrator cannot mean in
// berth.conf, and one pack file per fetch, so that its size can be limited.
std::vector<std::string> git(std::vector<std::string> more) {
  std::vector<std::string> out = {
      "git", "-c", "core.askPass=true", "-c", "core.hooksPath=/dev/null",
      "-c", "protocol.ext.allow=never", "-c", "gc.auto=0",
      "-c", "fetch.unpackLimit=1"};
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

// A temporary bare repository for one query, removed with its object. It holds
// commits without trees or files.
class Scratch {
 public:
  explicit Scratch(const RepositoryProgram& program) : program_(program) {
    const char* folder = ::getenv("TMPDIR");
    path_ = std::string(folder && *folder ? folder : "/tmp") + "/berth.XXXXXX";
    if (!::mkdtemp(path_.data())) throw_errno("create", path_);
    // Repositories with SHA-256 objects are not supported.
    run({"init", "--quiet", "--bare", "--object-format=sha1"},
        "initialize a repository with");
    begun_ = Dir(path_).read(kConfig, kLargestConfig).value_or("");
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  RunResult ask(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--git-dir", path_});
    return program_.look(git(arguments), kMostAnswered, path_);
  }
  std::string run(const std::vector<std::string>& arguments,
                  const std::string& what) {
    const RunResult result = ask(arguments);
    if (!result.status.ok()) throw Error(what, "git", complaint(result));
    return result.out;
  }
  // No file that git writes may exceed `most` bytes.
  RunResult fetch(std::vector<std::string> options,
                  const std::vector<std::string>& refs, std::int64_t most) {
    options.insert(options.begin(),
                   {"--git-dir", path_, "fetch", "--quiet", "--no-tags",
                    "--no-write-fetch-head", "--filter=tree:0"});
    options.insert(options.end(), {"--", program_.url});
    options.insert(options.end(), refs.begin(), refs.end());
    return program_.fetch(git(options), kMostAnswered, path_, most);
  }
  // From now on git does not try to fetch a missing object when it is looked
  // up: a revision may be the hash of any file. The configuration that init
  // wrote is restored, because it records how refs are stored; without it, a
  // git whose default is reftable would not find refs stored as files.
  void forget_origin() {
    const Dir folder(path_);
    AtomicFile config(folder, kConfig);
    config.write(begun_);
    config.commit(AtomicFile::Sync::cached);
  }

 private:
  static constexpr const char* kConfig = "config";
  static constexpr std::size_t kLargestConfig = 64 * 1024;

  const RepositoryProgram& program_;
  std::string path_;
  std::string begun_;  // the configuration that init wrote
};

struct Ref {
  std::string name;    // refs/heads/main
  std::string commit;  // of an annotated tag: the commit that it points at
};

std::optional<Ref> find_ref(const RepositoryProgram& program,
                            const std::string& path) {
  const std::string& url = program.url;
  const std::string head = "refs/heads/" + path, tag = "refs/tags/" + path;
  const RunResult result =
      program.run(git({"ls-remote", "--quiet", "--", url, head, tag,
                       tag + "^{}"}),
                  kMostAnswered);
  if (!result.status.ok()) throw Error("access", url, complaint(result));
  std::optional<Ref> found;
  for (const std::string& line : split(result.out, '\n')) {
    const auto parts = split(line, '\t');
    if (parts.size() != 2) continue;
    // A branch takes precedence over a tag, a tag's commit over the tag object.
    // The patterns match the end of a name, so other refs may be listed too.
    if (parts[1] == head) return Ref{head, parts[0]};
    if (parts[1] == tag && !found) found = Ref{tag, parts[0]};
    if (parts[1] == tag + "^{}") found = Ref{tag, parts[0]};
  }
  return found;
}

bool was_too_large(const RunResult& fetch) {
  return fetch.err.find("File too large") != std::string::npos;
}

[[noreturn]] void throw_fetch(const std::string& url, const RunResult& result,
                              std::int64_t most) {
  throw Error("fetch from", url,
              was_too_large(result)
                  ? "its history is larger than " + std::to_string(most >> 20) +
                        " MiB; enable uploadpack.allowFilter on its server, or "
                        "build the newest revision"
                  : complaint(result));
}

// Branches, then tags, each with the commit or other object that it points at.
std::vector<Ref> advertised(const RepositoryProgram& program,
                            bool& truncated) {
  const std::string& url = program.url;
  const RunResult result = program.run(
      git({"ls-remote", "--quiet", "--heads", "--tags", "--", url}),
      kMostAdvertised);
  if (!result.status.ok()) throw Error("access", url, complaint(result));
  truncated = result.out.size() >= kMostAdvertised;
  std::vector<Ref> out;
  for (const std::string& line : split(result.out, '\n')) {
    const auto parts = split(line, '\t');
    if (parts.size() != 2 || parts[0].size() != 40) continue;
    if (!out.empty() && parts[1] == out.back().name + "^{}") {
      out.back().commit = parts[0];
    } else {
      out.push_back({parts[1], parts[0]});
    }
  }
  if (truncated && !out.empty()) out.pop_back();
  if (out.size() > kMostRefs) {
    out.resize(kMostRefs);
    truncated = true;
  }
  return out;
}

// Fetches the commits of the refs and returns which were fetched. A failing
// batch is halved until the bad ref is found, so that one ref does not cost the
// others their ages.
std::vector<bool> fetch_all(Scratch& scratch, const std::vector<Ref>& refs,
                            Deadline deadline) {
  std::vector<bool> fetched(refs.size());
  std::deque<std::pair<std::size_t, std::size_t>> parts;
  for (std::size_t at = 0; at < refs.size(); at += kRefsAtOnce) {
    parts.emplace_back(at, std::min(at + kRefsAtOnce, refs.size()));
  }
  for (int tries = 0; !parts.empty() && tries < kMostFetches; ++tries) {
    const auto [from, to] = parts.front();
    parts.pop_front();
    std::vector<std::string> names;
    for (std::size_t i = from; i < to; ++i) names.push_back(refs[i].name);
    const RunResult result =
        scratch.fetch({"--depth=1"}, names, kMostForAges);
    if (result.status.ok()) {
      std::fill(fetched.begin() + static_cast<std::ptrdiff_t>(from),
                fetched.begin() + static_cast<std::ptrdiff_t>(to), true);
    } else if (was_too_large(result) || deadline.passed()) {
      break;
    } else if (to - from > 1) {
      const std::size_t middle = from + (to - from) / 2;
      parts.emplace_back(from, middle);
      parts.emplace_back(middle, to);
    }
  }
  return fetched;
}

struct Age {
  std::string at, author;
};

// The ages of the commits that were fetched; nullopt when git log fails.
std::optional<std::map<std::string, Age>> ages(Scratch& scratch,
                                               const std::vector<Ref>& refs) {
  std::vector<std::string> command = {"log", "--no-walk=unsorted",
                                      "--ignore-missing",
                                      "--format=%H%x00%ct%x00%an"};
  for (const Ref& ref : refs) command.push_back(ref.commit);
  std::map<std::string, Age> out;
  if (refs.empty()) return out;
  const RunResult result = scratch.ask(command);
  if (!result.status.ok()) return std::nullopt;
  for (const std::string& line : split(result.out, '\n')) {
    const auto parts = split(line, '\0');
    if (parts.size() != 3) continue;
    const auto when = whole_number(parts[1]);
    out[parts[0]] = {when && *when <= kLastInstant ? rfc3339(*when) : "",
                     one_line(parts[2], kLongestAuthor)};
  }
  return out;
}

}  // namespace

std::string resolve_git(const ApplicationConfig& application,
                        const std::string& path, const std::string& revision,
                        Link& link, Deadline deadline,
                        std::int64_t most_history) {
  const RepositoryProgram program(application, link, deadline);
  const auto ref = find_ref(program, path);
  if (!ref) throw NoSuchPath("find", path, "there is no such branch or tag");
  if (revision.empty() || revision == ref->commit) return ref->commit;
  Scratch scratch(program);
  const RunResult fetched =
      scratch.fetch({}, {"+" + ref->name + ":refs/berth/asked"},
                    most_history);
  if (!fetched.status.ok()) throw_fetch(program.url, fetched, most_history);
  scratch.forget_origin();
  const RunResult full = scratch.ask(
      {"rev-parse", "--verify", "--quiet", "--end-of-options",
       revision + "^{commit}"});
  std::string commit = full.out;
  while (!commit.empty() && commit.back() == '\n') commit.pop_back();
  if (!full.status.ok() || commit.size() != 40) {
    throw Error("find", path + " " + revision,
                "this branch or tag has no such commit, or the abbreviation "
                "is ambiguous");
  }
  if (!scratch.ask({"merge-base", "--is-ancestor", commit, "refs/berth/asked"})
           .status.ok()) {
    throw Error("find", path + " " + revision,
                "the commit is not on this branch or tag");
  }
  return commit;
}

PathList list_git(const ApplicationConfig& application, Link& link,
                  Deadline deadline) {
  PathList list;
  const RepositoryProgram program(application, link, deadline);
  const auto refs = advertised(program, list.truncated);
  Scratch scratch(program);
  const auto fetched = fetch_all(scratch, refs, deadline);
  scratch.forget_origin();
  const auto known = ages(scratch, refs);
  for (std::size_t i = 0; i < refs.size(); ++i) {
    Age age;
    if (known) {
      const auto found = known->find(refs[i].commit);
      // A tag of a tree or a file cannot be built.
      if (fetched[i] && found == known->end()) continue;
      if (found != known->end()) age = found->second;
    }
    const std::string& ref = refs[i].name;  // refs/heads/..., refs/tags/...
    list.paths.push_back({ref.substr(ref.find('/', 5) + 1), refs[i].commit,
                          age.at, age.author});
  }
  return list;
}

}  // namespace berth::worker
