// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <filesystem>

#include "step/stop.hpp"
#include "store/enrolment.hpp"
#include "store/host_state.hpp"
#include "store/sequence.hpp"
#include "temporary_dir.hpp"
#include "worker/build/build_steps.hpp"
#include "worker/guest/guest_call.hpp"
#include "worker/guest/guest_status.hpp"
#include "worker/job/running.hpp"

namespace {

using namespace berth;
using namespace berth::worker;

std::string refused(const json::object& reply, std::string& note) {
  note.clear();
  return refuse_version(reply, "qa3", note);
}

struct Counting : Report {
  void log(std::string_view text) override {
    ++lines;
    bytes += text.size();
    last = text;
  }
  void progress(const Progress&) override {}
  std::size_t lines = 0, bytes = 0;
  std::string last;
};

bool says(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(guest_status)

BOOST_AUTO_TEST_CASE(older_newer_and_ours_are_told_apart) {
  std::string note;
  BOOST_TEST(refused({{"version", kGuestVersion}, {"protocol", 1}}, note) ==
             "");
  BOOST_TEST(note == "");
  BOOST_TEST(says(refused({{"protocol", 1}}, note), "too old (version 1"));
  BOOST_TEST(says(refused({{"version", kGuestVersion - 1}}, note),
                  "run `berthctl enroll qa3`"));
  BOOST_TEST(refused({{"version", kGuestVersion + 1}}, note) == "");
  BOOST_TEST(says(note, "newer than this console's"));
  BOOST_TEST(says(refused({{"protocol", 2}}, note),
                  "upgrade the console"));
  BOOST_TEST(says(refused({{"protocol", 0}}, note), "berthctl enroll qa3"));
}

// Who is root on a guest may print 20,000 lines, of any length.
BOOST_AUTO_TEST_CASE(of_what_a_guest_says_no_more_is_kept_than_is_of_use) {
  for (const std::string& text : {std::string("x"), std::string(4000, 'x')}) {
    Link link = Link::inherited();
    Counting report;
    GuestCall call({"/usr/bin/seq", "-f", text + "%.0f", "20000"},
                   confined_program(), "", link, report);
    call.finish(Deadline::in_s(20));
    BOOST_TEST(report.lines <= 10'002u);
    BOOST_TEST(report.lines > 100u);
    BOOST_TEST(report.bytes < (2u << 20));
    BOOST_TEST(says(report.last, "further lines are dropped"));
  }
  const Progress told =
      progress_from_json({{"message", std::string(100'000, '\1')}});
  BOOST_TEST(told.message.size() == 4000u);
}

// An endless stream of small lines kept a worker busy for as long as a step may
// take.
BOOST_AUTO_TEST_CASE(a_reply_has_an_end_whatever_its_lines) {
  Counting report;
  GuestReply reply(report);
  const std::string line = std::string(kLongestReply - 1, 'x') + "\n";
  for (std::size_t i = 0; i < kMostReplied / kLongestReply; ++i) {
    reply.take(line);
  }
  BOOST_CHECK_EXCEPTION(reply.take("\n"), Away, [](const Away& e) {
    return says(e.what(), "exceeds 256 MiB");
  });
}

BOOST_AUTO_TEST_CASE(a_slot_is_one_of_two_or_none) {
  const json::object reply{{"a", "a"},   {"b", "b"},  {"none", nullptr},
                           {"long", std::string(70'000, 'a')},
                           {"up", "../a"}, {"c", "c"}, {"number", 1}};
  BOOST_TEST(slot_at(reply, "a") == "a");
  BOOST_TEST(slot_at(reply, "b") == "b");
  for (const char* name : {"none", "long", "up", "c", "number", "missing"}) {
    BOOST_TEST(slot_at(reply, name) == "", name);
  }
}

BOOST_AUTO_TEST_CASE(whose_switch_is_unsettled_is_said_whatever_a_guest_says) {
  const auto of = [](const char* reply) {
    return unsettled_switch(json::parse(reply).as_object());
  };
  BOOST_TEST(of(R"({"pending":{"job":7,"slot":"a"}})") == "job 7");
  BOOST_TEST(of(R"({"pending":null})") == "");
  BOOST_TEST(of(R"({})") == "");
  for (const char* reply : {R"({"pending":{}})", R"({"pending":{"job":"7"}})",
                            R"({"pending":{"job":[[7]]}})"}) {
    BOOST_TEST(of(reply) == "a job without a number");
  }
}

BOOST_AUTO_TEST_CASE(what_ssh_says_becomes_what_to_do) {
  BOOST_TEST(says(ssh_complaint("@ WARNING: REMOTE HOST IDENTIFICATION HAS "
                                "CHANGED! @\nHost key verification failed.\n",
                                "qa3"),
                  "differs from the recorded one"));
  BOOST_TEST(says(ssh_complaint("No ED25519 host key is known for qa3 and you "
                                "have requested strict checking.\n", "qa3"),
                  "unknown; run `berthctl enroll qa3`"));
  BOOST_TEST(says(ssh_complaint("berth@qa3: Permission denied (publickey).\n",
                                "qa3"),
                  "does not accept berth's key"));
  BOOST_TEST(ssh_complaint("x\nssh: connect to host qa3 port 22: No route\n",
                           "qa3") ==
             "ssh: connect to host qa3 port 22: No route");
}

namespace {

// A console with two hosts: qa1 is on kvm1, and kvm2's state is crooked.
struct TwoHosts {
  TwoHosts() {
    config.paths = {dir / "spool", dir / "lib", dir / "log", dir / "run",
                    dir / "cache"};
    config.folder = dir / "etc";
    std::filesystem::create_directories(dir / "lib/state");
    std::filesystem::create_directories(dir / "etc");
    site_uuid(Dir(config.paths.lib), true);
    for (const char* name : {"kvm1", "kvm2"}) config.hosts[name].name = name;
    ApplicationConfig& shop = config.applications["shop"];
    shop.name = "shop";
    shop.servers = {"qa*"};
    State(Layout(config.paths).state)
        .write("hosts/kvm2.json", json::object{{"version", 1}});
    job.kind = JobKind::undo;
    job.server = "qa1";
    job.application = "shop";
  }
  void host_has(const std::string& state) const {
    HostState seen;
    seen.host = "kvm1";
    seen.uri = "test:///default";
    seen.connected = true;
    seen.as_of = 1795375623;
    DomainState domain;
    domain.name = domain.server = "qa1";
    domain.uuid = "u-qa1";
    domain.state = state;
    seen.domains = {domain};
    State(Layout(config.paths).state).write("hosts/kvm1.json", to_json(seen));
  }
  TemporaryDir dir;
  Config config;
  Job job;
  Link link{Fd()};
};

}  // namespace

// Whose fault it is decides whether "any free server" tries the next one.
BOOST_FIXTURE_TEST_CASE(what_the_server_is_is_its_fault_and_else_not, TwoHosts) {
  host_has("running");
  const Context context(config, job, link);
  BOOST_CHECK_NO_THROW(require_running(context, "build on"));
  host_has("shut off");
  BOOST_CHECK_THROW(require_running(context, "build on"), UnfitServer);
  config.applications["shop"].servers = {"live*"};
  try {
    require_running(context, "build on");
    BOOST_FAIL("it passes");
  } catch (const UnfitServer& e) {
    BOOST_FAIL(e.what());
  } catch (const Error& e) {
    BOOST_TEST(says(e.what(), "is not allowed there"));
  }
}

// The console's own programs and files are missing, and no server is tried.
BOOST_AUTO_TEST_CASE(what_the_console_lacks_is_no_servers_fault) {
  TwoHosts console;
  console.host_has("running");
  const Context context(console.config, console.job, console.link);
  Guest guest(console.config, "qa1", 7, console.link);
  Counting report;
  Plan plan;
  const std::string path = ::getenv("PATH");
  ::setenv("PATH", (console.dir / "nothing").c_str(), 1);
  std::string how = "it passes";
  try {
    preflight(context, guest, report, plan);
  } catch (const UnfitServer& e) {
    how = std::string("the server's: ") + e.what();
  } catch (const Error& e) {
    how = "the console's";
  }
  ::setenv("PATH", path.c_str(), 1);
  BOOST_TEST(how == "the console's");
}

BOOST_AUTO_TEST_SUITE_END()
