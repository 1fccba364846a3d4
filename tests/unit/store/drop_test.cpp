// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/drop.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "base/text.hpp"
#include "temporary_dir.hpp"

using namespace berth;

namespace {

const std::string kDropToken = "0123456789abcdef0123456789abcdef";

Drop sample() {
  Drop drop;
  drop.token = kDropToken;
  drop.user = "alice";
  drop.action = "reserve";
  drop.target = "qa1";
  drop.arguments = {{"hours", 4}};
  drop.at = 1795375623;
  return drop;
}

std::string reason(const TemporaryDir& t, const std::string& text) {
  t.put(kDropToken + ".json", text);
  const Dir dir(t.path());
  return read_drop({dir, ::getuid()}, kDropToken).bad.reason;
}

std::string written() { return json::serialize(to_json(sample())); }

std::string with(std::string text, const std::string& from,
                 const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(drop)

BOOST_AUTO_TEST_CASE(a_drop_is_written_once_and_read_back) {
  TemporaryDir t;
  const Dir dir(t.path());
  BOOST_TEST(write_drop(dir, sample()));
  BOOST_TEST(!write_drop(dir, sample()));  // the token is taken
  BOOST_TEST(t.get(drop_name(kDropToken)) == written() + "\n");
  const auto got = read_drop({dir, ::getuid()}, kDropToken);
  BOOST_REQUIRE(got.drop.has_value());
  BOOST_TEST(got.drop->user == "alice");
  BOOST_TEST(got.drop->arguments.at("hours").as_int64() == 4);
  BOOST_TEST(!got.drop->by_root);
}

BOOST_AUTO_TEST_CASE(truncated_at_every_byte_it_is_never_a_drop) {
  TemporaryDir t;
  const std::string whole = written();
  BOOST_TEST(reason(t, whole) == "");
  for (std::size_t n = 0; n < whole.size(); ++n) {
    BOOST_TEST(reason(t, whole.substr(0, n)) != "", "cut at " << n);
  }
}

BOOST_AUTO_TEST_CASE(hostile_documents_are_told_why) {
  TemporaryDir t;
  const std::string w = written();
  BOOST_TEST(reason(t, with(w, "\"end\":true", "\"end\":true,\"x\":1")) ==
             "drop: unknown member 'x'");
  BOOST_TEST(reason(t, with(w, "\"version\":1", "\"version\":2")) ==
             "drop: format 2 is newer than the newest that this program supports (1)");
  BOOST_TEST(reason(t, with(w, "alice", "al\\nice")) ==
             "drop: 'user' must be a login");
  BOOST_TEST(reason(t, with(w, kDropToken, std::string(32, 'f'))) ==
             "its token differs from its file name");
  BOOST_TEST(reason(t, std::string(70000, ' ')) ==
             "larger than 65536 bytes");
  BOOST_TEST(reason(t, std::string("\0\xff garbage", 10)) != "");
}

BOOST_AUTO_TEST_CASE(what_is_no_plain_file_is_never_opened) {
  TemporaryDir t;
  const Dir dir(t.path());
  const std::string file = t / (kDropToken + ".json");
  t.put("real", written());
  const auto why = [&] {
    return read_drop({dir, ::getuid()}, kDropToken).bad.reason;
  };
  BOOST_REQUIRE(::symlink("real", file.c_str()) == 0);
  BOOST_TEST(why() == "is a symbolic link");
  ::unlink(file.c_str());
  BOOST_REQUIRE(::link((t / "real").c_str(), file.c_str()) == 0);
  BOOST_TEST(why() == "has more than one hard link");
  ::unlink(file.c_str());
  BOOST_REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
  BOOST_TEST(why() == "not a regular file");
  ::unlink(file.c_str());
  BOOST_REQUIRE(::mkdir(file.c_str(), 0700) == 0);
  BOOST_TEST(why() == "is a directory");
  ::rmdir(file.c_str());
  BOOST_TEST(read_drop({dir, ::getuid()}, kDropToken).gone);
}

// Root's own file in the web's folder: moved there by somebody who can.
BOOST_AUTO_TEST_CASE(each_folder_takes_its_owners_files_alone) {
  TemporaryDir t;
  const Dir dir(t.path());
  t.put(kDropToken + ".json", written());
  if (::getuid() != 0) {
    BOOST_TEST_MESSAGE("not root: files have one owner");
    return;
  }
  const auto why = [&](uid_t file, uid_t folder, bool roots) {
    BOOST_REQUIRE(::chown((t / (kDropToken + ".json")).c_str(), file, 0) == 0);
    return read_drop({dir, folder, roots}, kDropToken).bad.reason;
  };
  BOOST_TEST(why(33, 33, false) == "");
  BOOST_TEST(why(0, 0, true) == "");
  BOOST_TEST(why(65534, 33, false).starts_with("belongs to uid 65534"));
  BOOST_TEST(why(0, 33, false).starts_with("belongs to uid 0, not to the web"));
  BOOST_TEST(why(33, 0, true) == "belongs to uid 33, not to root");
}

// `user` is a name that whoever writes the file chooses.
BOOST_AUTO_TEST_CASE(the_webs_folder_has_no_drop_in_roots_name) {
  TemporaryDir t;
  const Dir dir(t.path());
  for (const char* user : {"root", "berth"}) {
    t.put(kDropToken + ".json", with(written(), "alice", user));
    BOOST_TEST(read_drop({dir, ::getuid()}, kDropToken).bad.reason ==
               "has the user " + std::string(user) +
                   ", which is only accepted in drop-root/");
    const ReadDrop roots = read_drop({dir, ::getuid(), true}, kDropToken);
    BOOST_REQUIRE(roots.drop.has_value());
    BOOST_TEST(roots.drop->by_root);
  }
}

BOOST_AUTO_TEST_CASE(one_key_is_bound_to_its_user_and_its_body) {
  BOOST_TEST(idempotent_token("a", "k") == idempotent_token("a", "k"));
  BOOST_TEST(idempotent_token("a", "k") != idempotent_token("b", "k"));
  Drop one = sample(), two = sample();
  one.arguments = {{"a", 1}, {"b", 2}};
  two.arguments = {{"b", 2}, {"a", 1}};
  BOOST_TEST(request_fingerprint(one) == request_fingerprint(two));
  two.arguments = {{"b", 2}, {"a", 3}};
  BOOST_TEST(request_fingerprint(one) != request_fingerprint(two));
}

BOOST_AUTO_TEST_CASE(a_drop_is_called_by_its_token) {
  BOOST_TEST(*token_of_drop(drop_name(kDropToken)) == kDropToken);
  for (const std::string& name :
       {"." + kDropToken + ".json", "." + kDropToken + ".json.x",
        kDropToken, kDropToken + ".jso", "x" + kDropToken + ".json",
        std::string("README"), std::string(".json"), std::string()}) {
    BOOST_TEST(!token_of_drop(name).has_value(), name);
  }
}

BOOST_AUTO_TEST_SUITE_END()
