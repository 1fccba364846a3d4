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
  return read_drop(Dir(t.path()), kDropToken, ::getuid()).bad.reason;
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
  const auto names = list_drops(dir);
  BOOST_REQUIRE(names.tokens.size() == 1u);
  const auto got = read_drop(dir, names.tokens[0], ::getuid());
  BOOST_REQUIRE(got.drop.has_value());
  BOOST_TEST(got.drop->user == "alice");
  BOOST_TEST(got.drop->arguments.at("hours").as_int64() == 4);
  BOOST_TEST(got.drop->owner == ::getuid());
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
             "drop: format 2 is newer than this program knows (1)");
  BOOST_TEST(reason(t, with(w, "alice", "al\\nice")) ==
             "drop: 'user' is no login");
  BOOST_TEST(reason(t, with(w, kDropToken, std::string(32, 'f'))) ==
             "names another token than its file name");
  BOOST_TEST(reason(t, std::string(70000, ' ')) ==
             "is larger than 65536 bytes");
  BOOST_TEST(reason(t, std::string("\0\xff garbage", 10)) != "");
}

BOOST_AUTO_TEST_CASE(what_is_no_plain_file_is_never_opened) {
  TemporaryDir t;
  const Dir dir(t.path());
  const std::string file = t / (kDropToken + ".json");
  t.put("real", written());
  const auto why = [&] {
    return read_drop(dir, kDropToken, ::getuid()).bad.reason;
  };
  BOOST_REQUIRE(::symlink("real", file.c_str()) == 0);
  BOOST_TEST(why() == "is a symbolic link");
  ::unlink(file.c_str());
  BOOST_REQUIRE(::link((t / "real").c_str(), file.c_str()) == 0);
  BOOST_TEST(why() == "has more than one hard link");
  ::unlink(file.c_str());
  BOOST_REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
  BOOST_TEST(why() == "is not a regular file");
  ::unlink(file.c_str());
  BOOST_REQUIRE(::mkdir(file.c_str(), 0700) == 0);
  BOOST_TEST(why() == "is a directory");
  ::rmdir(file.c_str());
  BOOST_TEST(read_drop(dir, kDropToken, ::getuid()).gone);
}

BOOST_AUTO_TEST_CASE(a_foreign_owner_is_refused) {
  TemporaryDir t;
  t.put(kDropToken + ".json", written());
  if (::getuid() != 0) {
    BOOST_TEST_MESSAGE("not root: root's own files always count");
    return;
  }
  BOOST_REQUIRE(::chown((t / (kDropToken + ".json")).c_str(), 65534, 0) == 0);
  BOOST_TEST(read_drop(Dir(t.path()), kDropToken, 33)
                 .bad.reason.starts_with("belongs to uid 65534"));
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

BOOST_AUTO_TEST_CASE(unfinished_names_are_left_alone) {
  TemporaryDir t;
  t.put("." + kDropToken + ".json.x", "half");
  t.put("README", "stranger");
  const auto names = list_drops(Dir(t.path()));
  BOOST_TEST(names.tokens.empty());
  BOOST_REQUIRE(names.strangers.size() == 1u);
  BOOST_TEST(names.strangers[0] == "README");
}

BOOST_AUTO_TEST_SUITE_END()
