// SPDX-License-Identifier: GPL-2.0-or-later
// Real repositories, asked by git's and svn's own server programs (file://).
#include "worker/repository/repository.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cctype>
#include <fstream>

#include "base/child.hpp"
#include "base/text.hpp"
#include "temporary_dir.hpp"

using namespace berth;
using namespace berth::worker;

namespace {

struct Repository {
  // Runs a command in the folder; returns its first line.
  std::string run(std::vector<std::string> command) {
    command.insert(command.begin(),
                   {"env", "-C", dir.path(), "GIT_CONFIG_GLOBAL=/dev/null",
                    "GIT_AUTHOR_NAME=J\xC3\xB6rg\tTab", "GIT_AUTHOR_EMAIL=j@x",
                    "GIT_COMMITTER_NAME=b", "GIT_COMMITTER_EMAIL=b@x"});
    const RunResult result = berth::run(command, 60000);
    BOOST_REQUIRE_MESSAGE(result.status.ok(), result.err);
    return result.out.substr(0, result.out.find('\n'));
  }
  std::string git(std::vector<std::string> more) {
    more.insert(more.begin(), {"git", "-c", "advice.nestedTag=false", "-C",
                               "work"});
    return run(more);
  }
  // Commits a file on the branch that is checked out.
  std::string commit(const std::string& file, const std::string& content) {
    dir.put("work/" + file, content);
    git({"add", file});
    git({"commit", "-q", "-m", file});
    return git({"rev-parse", "HEAD"});
  }
  void start_git() {
    run({"git", "init", "-q", "-b", "main", "work"});
    application.name = "shop";
    application.kind = "git";
    application.repository = "file://" + (dir / "work");
    git({"config", "uploadpack.allowFilter", "true"});
    first = commit("one", "1");
  }
  // "main, x?": by name, with a "?" without an age.
  std::string listed() {
    std::vector<std::string> names;
    list = list_paths(application, link, Deadline::in_s(60));
    for (const RepositoryPath& path : list.paths) {
      const bool known = !path.at.empty();
      names.push_back(path.path + (known ? "" : "?"));
      BOOST_TEST(path.author == (known ? "J\xC3\xB6rg Tab" : ""));
      if (known && !head.empty()) BOOST_TEST(path.revision == head);
    }
    std::sort(names.begin(), names.end());
    return join(names, ", ");
  }
  std::string resolved(const std::string& path, const std::string& revision) {
    return resolve_revision(application, path, revision, link,
                            Deadline::in_s(60));
  }
  std::string refused(const std::string& path, const std::string& revision) {
    try {
      return "is " + resolved(path, revision);
    } catch (const Error& e) {
      return e.what();
    }
  }

  TemporaryDir dir;
  ApplicationConfig application;
  Link link{Fd()};
  PathList list;
  std::string first;
  std::string head;  // what all with an age have, if that is so
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(repository, Repository)

BOOST_AUTO_TEST_CASE(a_ref_that_is_odd_or_broken_costs_no_other_its_age) {
  start_git();
  git({"branch", "gr\xC3\xB6\xC3\x9F" "e"});
  git({"branch", "a/b"});
  git({"tag", "light"});
  git({"tag", "-a", "-m", "t", "annotated"});
  git({"tag", "-a", "-m", "t", "nested", "annotated"});
  git({"tag", "tree", "HEAD^{tree}"});
  git({"tag", "-a", "-m", "t", "tree-annotated", "HEAD^{tree}"});
  git({"tag", "file", "HEAD:one"});
  git({"checkout", "-q", "-b", "broken"});
  const std::string lost = commit("two", "2");
  git({"checkout", "-q", "main"});
  run({"rm", "-f", "work/.git/objects/" + lost.substr(0, 2) + "/" +
                       lost.substr(2)});
  head = first;
  BOOST_TEST(listed() == "a/b, annotated, broken?, gr\xC3\xB6\xC3\x9F" "e, "
                         "light, main, nested");
  BOOST_TEST(!list.truncated);
  BOOST_TEST(list.paths.back().path == "broken");
  BOOST_TEST(list.paths.back().revision == lost);
}

BOOST_AUTO_TEST_CASE(a_server_without_partial_clone_costs_little) {
  start_git();
  git({"config", "uploadpack.allowFilter", "false"});
  BOOST_TEST(listed() == "main");
  // More than is fetched for ages: names, and at once.
  run({"sh", "-c", "head -c 18000000 /dev/urandom >work/large"});
  git({"add", "large"});
  git({"commit", "-q", "-m", "large"});
  BOOST_TEST(listed() == "main?");
  BOOST_TEST(list.paths.at(0).revision == git({"rev-parse", "HEAD"}));
  git({"config", "uploadpack.allowFilter", "true"});
  BOOST_TEST(listed() == "main");
}

BOOST_AUTO_TEST_CASE(a_history_larger_than_its_bound_is_not_fetched) {
  start_git();
  run({"sh", "-c", "head -c 3000000 /dev/urandom >work/large"});
  git({"add", "large"});
  git({"commit", "-q", "-m", "large"});
  const auto asked = [&](std::int64_t most) -> std::string {
    try {
      return resolve_git(application, "main", first, link, Deadline::in_s(60),
                         most);
    } catch (const Error& e) {
      return e.what();
    }
  };
  // Commits alone are small, whatever they name.
  BOOST_TEST(asked(2 << 20) == first);
  git({"config", "uploadpack.allowFilter", "false"});
  BOOST_TEST(asked(2 << 20) ==
             "fetch from " + application.repository +
                 ": its history is larger than 2 MiB; enable "
                 "uploadpack.allowFilter on its server, or build the newest "
                 "revision");
  BOOST_TEST(asked(kMostForHistory) == first);
}

// What this process and its children have written, to files and pipes.
std::int64_t bytes_written() {
  std::ifstream file("/proc/self/io");
  std::string name;
  std::int64_t value = 0;
  while (file >> name >> value) {
    if (name == "wchar:") return value;
  }
  return 0;
}

// git asked the server for the blob to see whether it is a commit.
BOOST_AUTO_TEST_CASE(a_revision_that_is_a_large_file_is_not_fetched) {
  start_git();
  run({"sh", "-c", "head -c 30000000 /dev/urandom >work/large"});
  git({"add", "large"});
  git({"commit", "-q", "-m", "large"});
  const std::string blob = git({"rev-parse", "HEAD:large"});
  const std::string tree = git({"rev-parse", "HEAD^{tree}"});
  git({"tag", "file", blob});
  const std::int64_t before = bytes_written();
  BOOST_REQUIRE(before > 30000000);
  const std::string unknown =
      ": this branch or tag has no such commit, or the abbreviation "
      "is ambiguous";
  for (const std::string& what : {blob, tree, blob.substr(0, 12)}) {
    BOOST_TEST(refused("main", what) == "find main " + what + unknown);
  }
  BOOST_TEST(bytes_written() - before < 1000000);
  BOOST_TEST(resolved("main", first) == first);
}

// Where this machine's git makes repositories of another kind, as git 3 will,
// ours stays one that can hold what is fetched.
BOOST_AUTO_TEST_CASE(the_default_format_of_this_machines_git_is_of_no_matter) {
  start_git();
  const std::string second = commit("two", "2");
  ::setenv("GIT_DEFAULT_HASH", "sha256", 1);
  ::setenv("GIT_DEFAULT_REF_FORMAT", "reftable", 1);  // of git 2.45 and later
  BOOST_CHECK_NO_THROW(BOOST_TEST(listed() == "main"));
  BOOST_CHECK_NO_THROW(BOOST_TEST(resolved("main", first) == first));
  BOOST_CHECK_NO_THROW(BOOST_TEST(resolved("main", second) == second));
  ::unsetenv("GIT_DEFAULT_HASH");
  ::unsetenv("GIT_DEFAULT_REF_FORMAT");
}

// A reftable, for git before 2.45: git's own words say what is wrong.
BOOST_AUTO_TEST_CASE(a_repository_that_git_cannot_read_is_refused_in_its_words) {
  start_git();
  git({"config", "core.repositoryformatversion", "1"});
  git({"config", "extensions.refstorage", "unknown"});
  const std::string why = refused("main", "");
  BOOST_TEST(why.find("access " + application.repository + ": ") == 0u, why);
  BOOST_TEST(lower(why).find("refstorage") != std::string::npos, why);
}

// A branch and a tag of one name are one path, and a build gets the branch.
BOOST_AUTO_TEST_CASE(a_name_is_listed_once) {
  start_git();
  git({"tag", "main"});
  const std::string second = commit("two", "2");
  BOOST_TEST(listed() == "main");
  BOOST_TEST(list.paths.at(0).revision == second);
  BOOST_TEST(resolved("main", "") == second);
}

BOOST_AUTO_TEST_CASE(more_refs_than_are_listed_are_cut) {
  start_git();
  std::string all = "create refs/heads/a-first " + first + "\n";
  for (std::size_t i = 0; i < 2 * kMostPaths + 10; ++i) {
    all += "create refs/tags/t" + std::to_string(i) + " " + first + "\n";
  }
  dir.put("refs", all);
  run({"sh", "-c", "git -C work update-ref --stdin <refs"});
  BOOST_TEST(listed().starts_with("a-first, main, t"));
  BOOST_TEST(list.truncated);
  BOOST_TEST(list.paths.size() == kMostPaths);
}

BOOST_AUTO_TEST_CASE(a_commit_may_be_abbreviated_and_in_upper_case) {
  start_git();
  git({"checkout", "-q", "-b", "x"});
  const std::string other = commit("two", "2");
  git({"checkout", "-q", "main"});
  const std::string newest = commit("three", "3");
  std::string upper = first;
  for (char& c : upper) c = static_cast<char>(::toupper(c));
  BOOST_TEST(resolved("main", "") == newest);
  BOOST_TEST(resolved("main", upper) == first);
  BOOST_TEST(resolved("main", upper.substr(0, 8)) == first);
  BOOST_TEST(refused("main", other.substr(0, 9)) ==
             "find main " + other.substr(0, 9) +
                 ": this branch or tag has no such commit, or the "
                 "abbreviation is ambiguous");
  BOOST_TEST(refused("main", first.substr(0, 6)) ==
             "find shop main: revision: must be a commit of 7 to 40 "
             "hexadecimal digits; omit it for the newest of the branch "
             "or tag");
  BOOST_TEST(refused("nowhere", "") ==
             "find nowhere: there is no such branch or tag");
}

// Each entity once moved the rest of its text, and was looked for from the
// beginning; of several &amp; one was undone. A list of this size took hours.
BOOST_AUTO_TEST_CASE(a_long_list_of_svn_is_read_in_one_pass) {
  std::string entities, plain;
  for (int i = 0; i < 100; ++i) {
    entities += "&lt;&amp;&gt;&quot;&apos;&amp;lt;";
    plain += "<&>\"'&lt;";
  }
  constexpr std::size_t kEntries = 20000;
  std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<lists>"
                    "<list path=\"svn://x/branches\">";
  for (std::size_t i = 0; i < kEntries; ++i) {
    xml += "<entry\n   kind=\"dir\">\n<name>a &amp;amp; b &amp; c&amp;lt; " +
           std::to_string(i) + "</name>\n<commit\n   revision=\"" +
           std::to_string(i) + "\">\n<author>J\xF6rg</author>\n<date>"
           "2026-11-22T19:27:03.123456Z</date>\n</commit>\n</entry>\n";
  }
  const std::string cut_here = xml;
  for (int i = 0; i < 20; ++i) {
    xml += "<entry kind=\"file\"><name>" + entities + "</name></entry>";
  }
  const auto all = svn_entries(xml + "</list></lists>", false);
  BOOST_REQUIRE(all.size() == kEntries + 20);
  std::size_t right = 0;
  for (std::size_t i = 0; i < kEntries; ++i) {
    const SvnEntry& one = all[i];
    right += one.name == "a &amp; b & c&lt; " + std::to_string(i) &&
             one.revision == std::to_string(i) && one.folder &&
             one.author == "J?rg" && one.at == "2026-11-22T19:27:03Z";
  }
  BOOST_TEST(right == kEntries);
  BOOST_TEST(all.back().name == plain);
  BOOST_TEST(!all.back().folder);
  // Cut anywhere in its last entry, all others are there.
  for (const std::size_t less : {1u, 9u, 40u, 100u}) {
    BOOST_TEST(
        svn_entries(cut_here.substr(0, cut_here.size() - less), true).size() ==
        kEntries - (less > 1));
  }
  BOOST_TEST(svn_entries("<?xml version", true).empty());
  BOOST_CHECK_THROW(svn_entries("<lists><list>", false), Error);
  // One name of nothing but entities.
  std::string name;
  for (int i = 0; i < 1000000; ++i) name += "&amp;";
  const auto one = svn_entries("<lists><list><entry kind=\"dir\"><name>" +
                                   name + "</name></entry></list></lists>",
                               false);
  BOOST_TEST(one.at(0).name.size() == 1000000u);
}

BOOST_AUTO_TEST_CASE(a_list_of_svn_ends_with_its_deadline) {
  run({"svnadmin", "create", "svn"});
  application.kind = "svn";
  application.repository = "file://" + (dir / "svn");
  application.paths = {"*"};
  BOOST_CHECK_THROW(list_svn(application, link, Deadline::in_ms(0)), Error);
}

BOOST_AUTO_TEST_CASE(revisions_of_svn_as_people_write_them) {
  run({"svnadmin", "create", "svn"});
  application.name = "shop";
  application.kind = "svn";
  application.repository = "file://" + (dir / "svn");
  application.paths = {"trunk", "branches/*", "nothing/*"};
  const std::string& url = application.repository;
  for (const std::string& folder :
       {std::string("trunk"), std::string("branches"),
        std::string("branches/gr\xC3\xB6\xC3\x9F" "e"),
        std::string("branches/a@b"), std::string("trunk/sub")}) {
    run({"env", "LC_ALL=C.UTF-8", "svn", "mkdir", "-q", "-m", "x", "--",
         url + "/" + folder + "@"});
  }
  BOOST_TEST(resolved("trunk", "") == "5");
  BOOST_TEST(resolved("trunk", "HEAD") == "5");
  for (const char* two : {"2", "r2", "R2", "02", "r0000002"}) {
    BOOST_TEST(resolved("trunk", two) == "2");
  }
  BOOST_TEST(refused("trunk", "r7") ==
             "find trunk: the repository has no revision 7 yet");
  BOOST_TEST(refused("trunk", "{2026-01-01}") ==
             "find shop trunk: revision: must not be a date; give a "
             "revision number");
  std::string names;
  for (const auto& path :
       list_paths(application, link, Deadline::in_s(60)).paths) {
    names += path.path + "@" + path.revision + " ";
    BOOST_TEST(!path.at.empty());
  }
  BOOST_TEST(lower(names) ==
             "trunk@5 branches/gr\xC3\xB6\xC3\x9F" "e@3 ");
}

BOOST_AUTO_TEST_SUITE_END()
