// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/submission.hpp"

#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "base/error.hpp"
#include "ctl/command.hpp"
#include "temporary_dir.hpp"

using namespace berth;
using namespace berth::ctl;

namespace {

struct Spool {
  Spool() {
    for (const char* name : {"spool/drop-root", "spool/receipts"}) {
      std::filesystem::create_directories(dir / name);
    }
    config.paths.spool = dir / "spool";
  }
  // What berthd would have decided.
  void decide(const Drop& drop, bool accepted) const {
    Receipt receipt;
    receipt.token = drop.token;
    receipt.user = drop.user;
    receipt.request = request_fingerprint(drop);
    receipt.accepted = accepted;
    receipt.status = accepted ? 201 : 409;
    receipt.detail = "decided";
    receipt.at = drop.at;
    write_receipt(Dir(dir / "spool/receipts"), receipt);
  }
  TemporaryDir dir;
  Config config;
};

namespace bt = boost::unit_test;

boost::test_tools::assertion_result as_root(bt::test_unit_id) {
  boost::test_tools::assertion_result root(::geteuid() == 0);
  if (!root) root.message() << "needs root: its drops are of uid 0";
  return root;
}

// Root is somebody else as long as this is there; others are that already.
struct AsNobody {
  AsNobody() { become(65534); }
  ~AsNobody() { become(0); }
  void become(uid_t user) const {
    if (root) BOOST_TEST(::seteuid(user) == 0);
  }
  const bool root = ::getuid() == 0;
};

bool refused_for(const std::string& text, const std::string& member) {
  try {
    drop_from_request(text);
  } catch (const JsonError& error) {
    return error.member() == member;
  }
  return false;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(submission, Spool)

BOOST_AUTO_TEST_CASE(a_request_becomes_a_drop_of_root) {
  const Drop drop = drop_from_request(
      R"({"action":"drain","target":"*","arguments":{"on":true}})");
  BOOST_TEST(drop.user == "root");
  BOOST_TEST(drop.action == "drain");
  BOOST_TEST(drop.target == "*");
  BOOST_TEST(json::serialize(drop.arguments) == R"({"on":true})");
  BOOST_TEST(drop.token.size() == 32u);
  BOOST_TEST(wall_now() - drop.at < 10);
}

BOOST_AUTO_TEST_CASE(two_drops_have_two_tokens) {
  BOOST_TEST(root_drop("drain", "*", {}).token !=
             root_drop("drain", "*", {}).token);
}

BOOST_AUTO_TEST_CASE(what_is_wrong_with_a_request_is_told_by_name) {
  const std::string begin = R"({"action":"release","target":"qa1")";
  BOOST_TEST(refused_for(begin + R"(,"token":"x"})", "token"));
  BOOST_TEST(refused_for(begin + R"(,"end":true})", "end"));
  BOOST_TEST(refused_for(begin + R"(,"version":2})", "version"));
  BOOST_TEST(refused_for(begin + R"(,"user":"a b"})", "user"));
  BOOST_TEST(refused_for(begin + R"(,"arguments":[]})", "arguments"));
  BOOST_TEST(refused_for(begin + R"(,"at":"yesterday"})", "at"));
  BOOST_TEST(refused_for(R"({"target":"qa1"})", "action"));
  BOOST_TEST(refused_for("[]", "request"));
  BOOST_TEST(refused_for(begin, ""));  // torn
}

BOOST_AUTO_TEST_CASE(the_drop_is_one_berthd_can_read,
                     *bt::precondition(as_root)) {
  const Drop drop = root_drop("release", "qa1", {});
  BOOST_TEST(!submit_drop(config, drop, 0));
  const Dir drops(dir / "spool/drop-root");
  const ReadDrop read = read_drop({drops, 0, true}, drop.token);
  BOOST_REQUIRE(read.drop);
  BOOST_TEST(read.drop->by_root);
  BOOST_TEST(read.drop->action == "release");
}

BOOST_AUTO_TEST_CASE(only_root_submits) {
  {
    const AsNobody nobody;
    BOOST_CHECK_THROW(submit_drop(config, root_drop("drain", "*", {}), 0),
                      Error);
  }
  BOOST_TEST(std::filesystem::is_empty(dir / "spool/drop-root"));
}

BOOST_AUTO_TEST_CASE(the_exit_code_is_the_decision,
                     *bt::precondition(as_root)) {
  for (const bool accepted : {true, false}) {
    const Drop drop = root_drop("release", "qa1", {});
    decide(drop, accepted);
    const auto receipt = submit_drop(config, drop, 0);
    BOOST_REQUIRE(receipt);
    BOOST_TEST(print_receipt(config, drop, receipt, Printed::receipt) ==
               (accepted ? kAccepted : kRefused));
  }
  const Drop drop = root_drop("release", "qa1", {});
  BOOST_TEST(print_receipt(config, drop, submit_drop(config, drop, 0),
                           Printed::detail) == kTimedOut);
}

BOOST_AUTO_TEST_CASE(a_missing_spool_is_an_error_that_names_it,
                     *bt::precondition(as_root)) {
  config.paths.spool = dir / "nowhere";
  try {
    submit_drop(config, root_drop("drain", "*", {}), 0);
    BOOST_TEST(false);
  } catch (const Error& error) {
    BOOST_TEST(std::string(error.what()).find(dir / "nowhere") !=
               std::string::npos);
  }
}

BOOST_AUTO_TEST_SUITE_END()
