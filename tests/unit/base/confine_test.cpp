// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/confine.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <fstream>

#include "base/child.hpp"
#include "base/error.hpp"
#include "temporary_dir.hpp"

using namespace berth;

namespace {

// A folder with what a confined program is given, beside what it is not.
struct Place {
  TemporaryDir folder;
  std::string inside = folder.path() + "/inside";
  std::string secret = folder.path() + "/secret";
  Place() {
    ::mkdir(inside.c_str(), 0755);
    std::ofstream(inside + "/file") << "dump\n";
    std::ofstream(secret) << "secret\n";
  }
};

std::string confined_says(const std::vector<std::string>& argv,
                          const Confinement& allowed) {
  ChildOptions options;
  options.confinement = allowed;
  const auto r = run(argv, 10000, 1 << 20, options);
  return r.out + r.err;
}

Confinement with_foreign(const std::string& path) {
  Confinement out = confined_program();
  out.foreign = {path};
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(confine)

BOOST_AUTO_TEST_CASE(a_confined_child_reads_what_is_named_and_nothing_else) {
  BOOST_REQUIRE_EQUAL(why_unconfined(), "");
  const Place place;
  const Confinement allowed = with_foreign(place.inside);
  const auto cat = [&](const std::string& path) {
    return confined_says({"cat", path}, allowed);
  };
  const auto denied = [&](const std::string& path) {
    return cat(path).find("Permission denied") != std::string::npos;
  };
  BOOST_TEST(cat(place.inside + "/file") == "dump\n");
  BOOST_TEST(denied(place.secret));
  BOOST_TEST(denied(place.inside + "/../secret"));
  // Without the confinement all of it can be read.
  BOOST_TEST(run({"cat", place.inside + "/../secret"}, 5000).out ==
             "secret\n");
  ::symlink(place.secret.c_str(), (place.inside + "/link").c_str());
  BOOST_TEST(denied(place.inside + "/link"));
  for (const char* path :
       {"/proc/self/environ", "/proc/self/status", "/proc/1/cmdline",
        "/proc/version", "/etc/shadow", "/etc/fstab", "/dev/tty", "/root",
        "/tmp"}) {
    if (::access(path, F_OK) == 0) BOOST_TEST(denied(path), path);
  }
  // What a program needs is there.
  BOOST_TEST(!denied("/etc/passwd"));
  BOOST_TEST(cat("/dev/null") == "");
}

BOOST_AUTO_TEST_CASE(what_a_confined_child_starts_is_confined_too) {
  const Place place;
  BOOST_TEST(confined_says({"sh", "-c", "cat \"$1\" 2>/dev/null || echo no",
                            "-", place.secret},
                           with_foreign(place.inside)) == "no\n");
}

BOOST_AUTO_TEST_CASE(a_confined_child_writes_where_it_may_and_nowhere_else) {
  const Place place;
  Confinement allowed = confined_program();
  allowed.write = {place.inside};
  BOOST_TEST(confined_says({"sh", "-c",
                            "cd \"$1\" && echo x >a && mkdir b && mv a b/c && "
                            "rm -r b && echo good",
                            "-", place.inside},
                           allowed) == "good\n");
  const std::string refused = confined_says(
      {"sh", "-c", "echo x >\"$1\"/new; rm \"$1\"/secret; ln -s x \"$1\"/l", "-",
       place.folder.path()},
      allowed);
  BOOST_TEST(::access((place.folder.path() + "/new").c_str(), F_OK) != 0);
  BOOST_TEST(::access(place.secret.c_str(), F_OK) == 0, refused);
}

BOOST_AUTO_TEST_CASE(foreign_paths_have_no_links_in_them) {
  const Place place;
  const std::string link = place.folder.path() + "/latest";
  ::symlink(place.inside.c_str(), link.c_str());
  BOOST_CHECK_THROW(confined_says({"true"}, with_foreign(link)), Error);
  BOOST_CHECK_THROW(confined_says({"true"}, with_foreign(link + "/file")),
                    Error);
  BOOST_CHECK_THROW(confined_says({"true"}, with_foreign("/not/there")),
                    Error);
}

BOOST_AUTO_TEST_CASE(a_program_that_it_may_not_run_is_told_in_the_parent) {
  const Place place;
  const std::string program = place.folder.path() + "/program";
  std::ofstream(program) << "#!/bin/sh\necho ran\n";
  ::chmod(program.c_str(), 0755);
  BOOST_TEST(run({program}, 5000).out == "ran\n");
  BOOST_CHECK_THROW(confined_says({program}, confined_program()), Error);
}

BOOST_AUTO_TEST_CASE(a_confined_child_keeps_no_right_of_a_setuid_program) {
  BOOST_TEST(confined_says({"sh", "-c", "exec 2>&1; setpriv --dump"},
                           confined_program())
                 .find("no_new_privs: 1") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
