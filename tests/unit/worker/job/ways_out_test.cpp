// SPDX-License-Identifier: GPL-2.0-or-later
// Every way by which text leaves a worker, with a secret across the place where
// the text is shortened, at each of its characters. A line was cut before it
// was masked, and half of a password was shown at its end.
#include <sys/socket.h>

#include <boost/test/unit_test.hpp>

#include "temporary_dir.hpp"
#include "worker/build/comparison.hpp"
#include "worker/guest/guest_reply.hpp"
#include "worker/job/journal.hpp"
#include "worker/job/process.hpp"
#include "worker/job/reason.hpp"
#include "worker/job/stream.hpp"
#include "worker/postgres.hpp"

namespace berth::worker {
namespace {

const std::string kSecret = "Zq7-x9_Kp3.mW5~vB1";

// The first piece of six characters of the secret that is shown, if any is.
std::string shown_of_secret(const std::string& text) {
  for (std::size_t i = 0; i + 6 <= kSecret.size(); ++i) {
    const std::string piece = kSecret.substr(i, 6);
    if (text.find(piece) != std::string::npos) return piece;
  }
  return "";
}

Mask the_mask() { return Mask(Secrets{{"key", kSecret}}, "shop"); }

// `work` gets a text in which the secret begins so that a cut after `cap` bytes
// is in front of its first character, then behind it, and so on.
template <class Work>
void across(std::size_t cap, Work work) {
  for (std::size_t inside = 0; inside <= kSecret.size(); ++inside) {
    std::string text;
    while (text.size() + inside < cap) text += text.size() % 9 == 8 ? ' ' : 'a';
    work(text + kSecret + " and what follows it, which is shown or not");
  }
}

struct Ways {
  Ways() {
    std::filesystem::create_directories(dir / "active");
    std::filesystem::create_directories(dir / "log");
    int ends[2];
    BOOST_REQUIRE(::socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) == 0);
    above = Fd(ends[0]);
    link.emplace(Fd(ends[1]));
    link->hide(the_mask());
  }
  // All that has come to whoever started this process.
  std::string sent() {
    std::string out;
    for (Packet p = receive_packet(above.get()); p.object;
         p = receive_packet(above.get())) {
      out += json::serialize(*p.object) + "\n";
    }
    return out;
  }
  std::string written() {
    return dir.get("log/7.log") + dir.get("active/7.steps");
  }
  void hides(const std::string& text) {
    BOOST_TEST(text.size() > 0u);
    BOOST_TEST(shown_of_secret(text) == "");
  }

  TemporaryDir dir;
  Fd above;
  std::optional<Link> link;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(ways_out, Ways)

BOOST_AUTO_TEST_CASE(log_steps_and_progress_show_no_part_of_a_secret) {
  const Dir active(dir / "active");
  for (const std::size_t cap : {40u, 200u, 1000u, 4000u, 8000u}) {
    Journal journal(active, dir / "log", 7, *link);
    across(cap, [&](const std::string& text) {
      journal.begin("prepare");
      journal.log(text);
      Progress progress;
      progress.message = text;
      progress.unit = text;
      journal.progress(progress);
      journal.end("prepare", "failed", text);
      JobResult result;
      result.outcome = Outcome::failed;
      result.detail = text;
      journal.finish(result);
      // Somebody else has cut it before it came.
      journal.log(text.substr(0, cap));
      journal.end("prepare", "failed", text.substr(0, cap));
    });
    hides(written());
  }
  hides(sent());
}

// Each line was masked, also those that the limit of four a second dropped.
BOOST_AUTO_TEST_CASE(progress_is_limited_before_it_is_masked) {
  BOOST_TEST(link->progress_is_due());
  LinkReport report(*link, "checkout");
  Journal journal(Dir(dir / "active"), dir / "log", 7, *link);
  Progress progress;
  progress.message = "a " + kSecret;
  report.progress(progress);
  BOOST_TEST(!link->progress_is_due());
  for (int i = 0; i < 1000; ++i) {
    report.progress(progress);
    journal.progress_for("checkout", progress);
  }
  const std::string text = sent();
  hides(text);
  BOOST_TEST(text.find("a *****") != std::string::npos);
  // Recorded, however little time there was to send it.
  hides(written());
  BOOST_TEST(written().find("a *****") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_child_step_sends_no_part_of_a_secret) {
  for (const std::size_t cap : {40u, 200u, 4000u, 8000u}) {
    across(cap, [&](const std::string& text) {
      LinkReport report(*link, "checkout");
      report.log(text);
      Progress progress;
      progress.message = text;
      progress.unit = text;
      report.progress(progress);
      hides(sent());
    });
  }
}

BOOST_AUTO_TEST_CASE(what_a_guest_writes_shows_no_part_of_a_secret) {
  const Dir active(dir / "active");
  for (const std::size_t cap : {200u, 1000u, 2000u, 4000u}) {
    Journal journal(active, dir / "log", 7, *link);
    across(cap, [&](const std::string& text) {
      GuestReply reply(journal);
      reply.take(text + "\n");
      // As berth-guest shortens it.
      const std::string cut = text.substr(0, cap);
      reply.take(json::serialize(json::object{{"log", cut}}) + "\n");
      reply.take(json::serialize(json::object{
                     {"progress", {{"message", text}, {"unit", cut}}}}) +
                 "\n");
    });
    hides(written());
  }
  hides(sent());
}

BOOST_AUTO_TEST_CASE(an_error_of_a_program_shows_no_part_of_a_secret) {
  for (const std::size_t cap : {300u, 4096u}) {
    across(cap, [&](const std::string& text) {
      // The reason is shortened, and so is what is kept of stderr.
      const RunResult result = run_program(
          {"/bin/sh", "-c", "printf 'fatal: %s' \"$1\" >&2; exit 3", "sh",
           text},
          confined_program(), *link, Deadline::in_s(20), cap + 7);
      BOOST_TEST(result.status.code == 3);
      const std::string error =
          Error("fetch", "x", complaint(result) + "; see above").what();
      BOOST_TEST(shown_of_secret(error) == "", error);
      run_streamed({"/bin/sh", "-c", "printf '%s' \"$1\" >&2", "sh", text}, {},
                   confined_program(), *link, Deadline::in_s(20),
                   [&](bool, std::string_view line) {
                     BOOST_TEST(shown_of_secret(
                                    reason_in(line) + "; see above") == "");
                   });
    });
  }
}

BOOST_AUTO_TEST_CASE(a_preview_and_its_comparison_show_no_part_of_a_secret) {
  const Mask known = the_mask();
  const GuestMask mask(known, "");
  for (const std::size_t cap : {1000u, 4000u}) {
    across(cap, [&](const std::string& text) {
      const auto shown = shown_text(text + "\nb\n", mask);
      const auto diff = shown_diff("etc/x", true, text + "\nb\n", text + "\n",
                                   mask, *link, Deadline::in_s(20));
      BOOST_REQUIRE((shown && diff));
      BOOST_TEST(shown_of_secret(*shown + *diff) == "");
    });
  }
}

BOOST_FIXTURE_TEST_CASE(an_error_of_a_cluster_shows_no_part_of_a_secret,
                        ClusterFixture) {
  link.hide(the_mask());
  for (const std::size_t cap : {100u, 2000u}) {
    across(cap, [&](const std::string& text) {
      try {
        root->run("DO $$ BEGIN RAISE WARNING '" + text +
                  "'; RAISE EXCEPTION '" + text + "' USING DETAIL = '" + text +
                  "'; END $$");
        BOOST_ERROR("nothing was raised");
      } catch (const Error& e) {
        BOOST_TEST(shown_of_secret(e.what()) == "", e.what());
      }
      for (const std::string& warning : root->take_warnings()) {
        BOOST_TEST(shown_of_secret("said: " + warning + ".") == "");
      }
    });
  }
  link.hide(Mask());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace berth::worker
