// SPDX-License-Identifier: GPL-2.0-or-later
#include "web/published.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "temporary_dir.hpp"

using namespace berth;
using namespace berth::web;

namespace {

struct Folder {
  TemporaryDir top;
  State state{top.path()};
  Published published{top.path()};

  std::string read() {
    const auto found = published.read(state, "servers.json");
    return found ? found->body : "nothing";
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(published)

BOOST_AUTO_TEST_CASE(what_has_not_changed_is_not_read_again) {
  Folder f;
  f.state.write_text("servers.json", "{}");
  const auto first = f.published.read(f.state, "servers.json");
  BOOST_TEST(first == f.published.read(f.state, "servers.json"));
  BOOST_TEST(first->body == "{}");
  BOOST_TEST(first->etag.size() == 32U);
}

// The same length, within one tick of the file system's clock, and inodes
// that are free again at once: only the open file tells them apart.
BOOST_AUTO_TEST_CASE(each_of_many_quick_replacements_is_seen) {
  Folder f;
  for (int i = 1000; i < 3000; ++i) {
    f.state.write_text("servers.json", std::to_string(i));
    // Two between two reads, so that an inode could come round.
    if (i % 2 == 1) BOOST_TEST(f.read() == std::to_string(i));
  }
}

BOOST_AUTO_TEST_CASE(what_is_written_in_place_is_seen) {
  Folder f;
  f.state.write_text("servers.json", "[1]");
  BOOST_TEST(f.read() == "[1]");
  const Dir dir(f.top.path());
  const Fd fd = dir.open("servers.json", O_WRONLY | O_TRUNC);
  write_all(fd.get(), std::string(32, 'a') + " 5\n[1,2]", "servers.json");
  BOOST_TEST(f.read() == "[1,2]");
}

BOOST_AUTO_TEST_CASE(what_is_removed_is_gone_and_comes_back) {
  Folder f;
  BOOST_TEST(f.read() == "nothing");
  f.state.write_text("servers.json", "[1]");
  BOOST_TEST(f.read() == "[1]");
  f.state.remove("servers.json");
  BOOST_TEST(f.read() == "nothing");
  f.state.write_text("servers.json", "[1]");
  BOOST_TEST(f.read() == "[1]");
}

BOOST_AUTO_TEST_CASE(a_torn_file_is_no_resource_and_is_not_kept) {
  Folder f;
  const Dir dir(f.top.path());
  {
    const Fd fd = dir.open("servers.json", O_WRONLY | O_CREAT, 0600);
    write_all(fd.get(), std::string(32, 'a') + " 5\n[1,", "servers.json");
  }
  BOOST_TEST(f.read() == "nothing");
  f.state.write_text("servers.json", "[1,2]");
  BOOST_TEST(f.read() == "[1,2]");
}

BOOST_AUTO_TEST_CASE(what_is_very_large_is_sent_but_not_kept) {
  Folder f;
  const std::string large(Published::kLargestKept + 1, ' ');
  f.state.write_text("servers.json", large);
  const auto first = f.published.read(f.state, "servers.json");
  BOOST_TEST((first->body == large));
  BOOST_TEST(first != f.published.read(f.state, "servers.json"));
}

BOOST_AUTO_TEST_SUITE_END()
