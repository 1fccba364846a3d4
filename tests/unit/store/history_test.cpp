// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/history.hpp"

#include <unistd.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <fstream>

#include "base/error.hpp"
#include "temporary_dir.hpp"

using namespace berth;

namespace {

HistoryLine line(const std::string& token, Instant at = 1795375623) {
  HistoryLine out;
  out.at = at;
  out.event = "reserved";
  out.user = "alice";
  out.detail = "for 4 h";
  out.cause_token = token;
  out.hold = Hold{"alice", at, at + 14400, "a note", std::nullopt, "never"};
  Configuration c;
  c.application = "shop";
  c.path = "trunk";
  c.revision = "12";
  c.kind = "svn";
  c.slot = "a";
  c.database = DatabaseOnServer{"db1", "shop_qa1", 16999, "20261122024100", at};
  c.user = "bob";
  c.job = 7;
  c.built_at = at;
  out.configuration = c;
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(history)

BOOST_AUTO_TEST_CASE(the_last_line_is_the_state) {
  TemporaryDir t;
  const Dir dir(t.path());
  {
    History h(dir, "qa1");
    BOOST_TEST(!h.last().has_value());
    BOOST_TEST(h.append(line("t1")) == 1);
    BOOST_TEST(h.append(line("t2")) == 2);
    BOOST_TEST(h.append(line("t1")) == 2);  // its cause is there already
  }
  History again(dir, "qa1");
  BOOST_REQUIRE(again.last().has_value());
  BOOST_TEST(again.last()->seq == 2);
  BOOST_CHECK(again.last()->hold == line("t2").hold);
  BOOST_CHECK(again.last()->configuration == line("t2").configuration);
  BOOST_TEST(again.has_cause(line("t1")));
}

// After a downgrade, and of versions that are forgotten.
BOOST_AUTO_TEST_CASE(an_event_of_another_version_is_read_and_shown) {
  TemporaryDir t;
  const Dir dir(t.path());
  HistoryLine strange = line("t1");
  strange.event = "inspected";
  History(dir, "qa1").append(strange);
  const History again(dir, "qa1");
  BOOST_TEST(again.last()->event == "inspected");
  BOOST_TEST(again.has_cause(strange));
  const auto shown = read_history(dir, "qa1", 5, std::nullopt);
  BOOST_REQUIRE(shown.size() == 1u);
  BOOST_TEST(shown[0].find(R"("event":"inspected")") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_events_that_end_no_job_have_texts) {
  std::string texts;
  for (const Event event : {Event::reserved, Event::extended, Event::released,
                            Event::expired, Event::taken_over,
                            Event::build_moved, Event::reverted}) {
    texts += std::string(to_text(event)) + " ";
  }
  BOOST_TEST(texts == "reserved extended released expired taken_over "
                      "build_moved reverted ");
}

// Nobody's requests, however many, keep berthd from starting.
BOOST_AUTO_TEST_CASE(of_a_history_without_measure_the_end_is_read) {
  TemporaryDir t;
  const Dir dir(t.path());
  History(dir, "qa1").append(line("t1"));
  std::string text = *dir.read("qa1.jsonl", 1 << 20);
  const std::string one = text.substr(text.find('\n') + 1);
  while (text.size() < (17u << 20)) text += one;
  t.put("qa1.jsonl", text);
  {
    History h(dir, "qa1");
    BOOST_TEST(h.last()->seq == 1);
    BOOST_TEST(h.append(line("t2")) == 2);
  }
  BOOST_TEST(History(dir, "qa1").last()->cause_token == "t2");
  text[text.find("1")] = '7';  // of another format
  t.put("qa1.jsonl", text);
  BOOST_CHECK_THROW(History(dir, "qa1"), Error);
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_into_a_line_is_refused) {
  TemporaryDir t;
  const Dir dir(t.path());
  HistoryLine large = line("t1");
  large.detail = std::string(64 * 1024, 'x');
  BOOST_TEST(!fits(large));
  BOOST_TEST(fits(line("t1")));
  BOOST_CHECK_THROW(History(dir, "qa1").append(large), Error);
  BOOST_TEST(!dir.exists("qa1.jsonl"));
}

BOOST_AUTO_TEST_CASE(cut_at_every_byte_no_whole_line_is_lost_or_glued) {
  TemporaryDir t;
  const Dir dir(t.path());
  {
    History h(dir, "qa1");
    h.append(line("t1"));
    h.append(line("t2"));
  }
  const std::string whole = t.get("qa1.jsonl");
  for (std::size_t n = 0; n <= whole.size(); ++n) {
    t.put("qa1.jsonl", whole.substr(0, n));
    std::size_t kept = 0;
    for (const char c : whole.substr(0, n)) kept += c == '\n';
    kept = kept > 0 ? kept - 1 : 0;  // the head
    History h(dir, "qa1");
    BOOST_TEST((h.last() ? h.last()->seq : 0) ==
               static_cast<std::int64_t>(kept), "cut at " << n);
    h.append(line("t3"));
    BOOST_TEST(read_history(dir, "qa1", 10, std::nullopt).size() == kept + 1,
               "cut at " << n);
    History after(dir, "qa1");
    BOOST_TEST(after.last()->cause_token == "t3");
  }
}

BOOST_AUTO_TEST_CASE(a_broken_line_in_the_middle_is_skipped) {
  TemporaryDir t;
  const Dir dir(t.path());
  {
    History h(dir, "qa1");
    h.append(line("t1"));
  }
  t.put("qa1.jsonl", t.get("qa1.jsonl") + "{broken\n");
  History h(dir, "qa1");
  BOOST_TEST(h.last()->seq == 1);
}

// A number of twenty digits is none, and not what is left of it in 64 bits.
BOOST_AUTO_TEST_CASE(a_line_with_too_long_a_number_comes_before_no_other) {
  TemporaryDir t;
  const Dir dir(t.path());
  {
    History h(dir, "qa1");
    h.append(line("t1"));
  }
  t.put("qa1.jsonl",
        t.get("qa1.jsonl") + "{\"seq\":92233720368547175807,\"at\":1}\n");
  BOOST_TEST(read_history(dir, "qa1", 9, 5).size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_newer_format_is_named) {
  TemporaryDir t;
  t.put("qa1.jsonl", "{\"version\":2,\"server\":\"qa1\"}\n");
  const Dir dir(t.path());
  BOOST_CHECK_EXCEPTION(History(dir, "qa1"), Error, [](const Error& e) {
    return e.cause() == "format 2 is newer than the newest that this program supports (1)";
  });
}

BOOST_AUTO_TEST_CASE(lines_come_newest_first_and_in_pages_across_years) {
  TemporaryDir t;
  const Dir dir(t.path());
  History h(dir, "qa1");
  const Instant dec = 1798761500, jan = 1798761700;  // around 2027-01-01
  for (int i = 0; i < 300; ++i) h.append(line("d" + std::to_string(i), dec));
  for (int i = 0; i < 5; ++i) h.append(line("j" + std::to_string(i), jan));
  BOOST_TEST(dir.exists("qa1.2026.jsonl"));
  std::optional<std::int64_t> before;
  std::int64_t expected = 305;
  for (;;) {
    const auto page = read_history(dir, "qa1", 7, before);
    if (page.empty()) break;
    for (const auto& raw : page) {
      const auto l = history_line_from_json(parse_json(raw));
      BOOST_TEST(l.seq == expected--);
      before = l.seq;
    }
  }
  BOOST_TEST(expected == 0);
  BOOST_TEST(History(dir, "qa1").last()->seq == 305);
  const auto all = list_histories(dir);
  BOOST_REQUIRE(all.size() == 1u);
  BOOST_TEST(all[0] == "qa1");
}

// It was read whole for each request, which kept everybody else from reading.
BOOST_AUTO_TEST_CASE(the_oldest_lines_of_a_long_history_cost_a_bounded_read) {
  TemporaryDir t;
  const Dir dir(t.path());
  History(dir, "qa1").append(line("t1"));
  std::string text = *dir.read("qa1.jsonl", 1 << 20);
  const std::size_t head = text.find('\n') + 1;
  const std::string after = text.substr(text.find(',', head));  // the number
  text.resize(head);
  std::int64_t last = 0;
  while (text.size() < (20u << 20)) {
    text += "{\"seq\":" + std::to_string(++last) + after;
  }
  t.put("qa1.jsonl", text);
  const auto bytes_read = [] {
    std::ifstream io("/proc/self/io");
    std::string word;
    std::int64_t bytes = -1;
    io >> word >> bytes;
    return bytes;
  };
  for (const std::int64_t before : {1L, 2L, last / 2, last, last + 9}) {
    const std::int64_t from = bytes_read();
    const auto page = read_history(dir, "qa1", 3, before);
    BOOST_TEST(bytes_read() - from < (4 << 20));
    const std::int64_t first = std::min(before - 1, last);
    BOOST_REQUIRE(page.size() == static_cast<std::size_t>(
                                     std::min<std::int64_t>(3, first)));
    for (std::size_t i = 0; i < page.size(); ++i) {
      BOOST_TEST(history_line_from_json(parse_json(page[i])).seq ==
                 first - static_cast<std::int64_t>(i));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
