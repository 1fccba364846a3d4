// SPDX-License-Identifier: GPL-2.0-or-later
// A job masked the secrets of its own application only, and a shared error log
// showed those of another on the same server.
#include "worker/job/context.hpp"

#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "base/error.hpp"
#include "store/sequence.hpp"
#include "temporary_dir.hpp"

namespace berth::worker {
namespace {

struct ThreeApplications {
  ThreeApplications() {
    for (const char* sub : {"lib", "secrets/shop", "secrets/wiki",
                            "secrets/far"}) {
      std::filesystem::create_directories(dir / sub);
    }
    config.folder = dir.path();
    config.paths.lib = dir / "lib";
    site_uuid(Dir(config.paths.lib), true);
    for (const char* name : {"shop", "wiki", "far"}) {
      ApplicationConfig& each = config.applications[name];
      each.name = name;
      each.kind = "svn";
      each.repository = "svn://svn/x";
      each.servers = {"qa*"};
      dir.put(std::string("secrets/") + name + "/key",
              std::string(name) + "-Zq7x9Kp3mW5vB1\n");
    }
    config.applications["far"].servers = {"db*"};
    job.id = 7;
    job.kind = JobKind::power;
    job.server = "qa1";
    job.application = "shop";
  }
  std::string shown(const std::string& text) {
    Link link{Fd()};
    const Context context(config, job, link);
    return link.mask()(text);
  }
  TemporaryDir dir;
  Config config;
  Job job;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(context, ThreeApplications)

BOOST_AUTO_TEST_CASE(the_secrets_of_all_that_a_server_can_carry_are_hidden) {
  config.applications["wiki"].repository = "https://u:pW5vB1x9Kp3@svn/wiki";
  BOOST_TEST(shown("a shop-Zq7x9Kp3mW5vB1 b") == "a ***** b");
  BOOST_TEST(shown("a wiki-Zq7x9Kp3mW5vB1 b") == "a ***** b");
  BOOST_TEST(shown("a pW5vB1x9Kp3 b") == "a ***** b");
  BOOST_TEST(shown("a far-Zq7x9Kp3mW5vB1 b") == "a far-Zq7x9Kp3mW5vB1 b");
  // A job of the server alone.
  job.application.clear();
  BOOST_TEST(shown("a wiki-Zq7x9Kp3mW5vB1 b") == "a ***** b");
}

BOOST_AUTO_TEST_CASE(what_is_wrong_with_others_secrets_stops_nothing) {
  dir.put("secrets/wiki/huge", std::string(70000, 'x'));
  BOOST_TEST(shown("a shop-Zq7x9Kp3mW5vB1 b") == "a ***** b");
  dir.put("secrets/wiki/huge", "");
  // Of more than so many bytes none is taken, and the next is.
  for (const char* name : {"a", "b", "c"}) {
    dir.put(std::string("secrets/wiki/") + name, std::string(60000, *name));
  }
  BOOST_TEST(shown("a shop-Zq7x9Kp3mW5vB1 b") == "a ***** b");
  BOOST_TEST(shown("a wiki-Zq7x9Kp3mW5vB1 b") == "a ***** b");
  // One that cannot be hidden hides no more of this one's preview.
  dir.put("secrets/wiki/short", "x");
  Link link{Fd()};
  const Context one(config, job, link);
  BOOST_TEST(link.mask().hides_all());
}

// One file that could not be read left all the others of its application shown.
BOOST_AUTO_TEST_CASE(one_bad_secret_of_another_leaves_its_others_hidden) {
  const auto others_are_hidden = [&] {
    for (const char* of : {"shop", ""}) {
      job.application = of;
      BOOST_TEST(shown("a wiki-Zq7x9Kp3mW5vB1 b") == "a ***** b");
      BOOST_TEST(shown("a last-Zq7x9Kp3mW5vB1 b") == "a ***** b");
    }
  };
  dir.put("secrets/wiki/z-last", "last-Zq7x9Kp3mW5vB1");
  const std::filesystem::path bad = dir / "secrets/wiki/bad";
  dir.put("secrets/wiki/bad", std::string(70000, 'x'));
  others_are_hidden();
  std::filesystem::remove(bad);
  std::filesystem::create_directory(bad);
  others_are_hidden();
  std::filesystem::remove(bad);
  std::filesystem::create_symlink("/nonexistent", bad);
  others_are_hidden();
  std::filesystem::remove(bad);
  BOOST_REQUIRE(::mkfifo(bad.c_str(), 0600) == 0);
  others_are_hidden();
  // Its own job needs all of them.
  job.application = "wiki";
  BOOST_CHECK_THROW(shown("x"), Error);
}

// Nothing is known of what is in a folder that cannot be read.
BOOST_AUTO_TEST_CASE(a_folder_of_secrets_that_cannot_be_read_stops_the_job) {
  std::filesystem::remove_all(dir / "secrets/wiki");
  BOOST_TEST(shown("x") == "x");
  dir.put("secrets/wiki", "no folder");
  const std::string file = dir / "secrets/wiki";
  BOOST_CHECK_EXCEPTION(shown("x"), Error, [&](const Error& error) {
    return std::string(error.what()).find(file) != std::string::npos;
  });
  // Of one that the server cannot carry it does not matter.
  config.applications["wiki"].servers = {"db*"};
  BOOST_TEST(shown("x") == "x");
}

// What a requester writes is in arrays and objects, too, as an undo's is.
BOOST_AUTO_TEST_CASE(no_piece_is_hidden_in_any_argument_of_the_requester) {
  for (const json::value& argument :
       {json::value("shop-Zq7x"), json::value({{"path", "shop-Zq7x"}}),
        json::value({{"plan", {{"paths", {"a", "shop-Zq7x"}}}}}),
        json::value(json::array{json::array{"shop-Zq7x"}})}) {
    job.arguments = {{"previous", argument}};
    BOOST_TEST(shown("no path shop-Zq7x") == "no path shop-Zq7x",
               json::serialize(argument));
  }
  job.arguments = {};
  BOOST_TEST(shown("no path shop-Zq7x") == "no path *****");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace berth::worker
