// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/name.hpp"

#include <boost/test/unit_test.hpp>

using namespace berth;

BOOST_AUTO_TEST_SUITE(name)

BOOST_AUTO_TEST_CASE(server_names_are_plain) {
  BOOST_TEST(is_server_name("qa-10"));
  for (const char* bad : {"", "1qa", "-qa", "QA", "qa_1", "qa/..", "qa "}) {
    BOOST_TEST(!is_server_name(bad), bad);
  }
  BOOST_TEST(is_server_name("q" + std::string(30, 'a')));
  BOOST_TEST(!is_server_name("q" + std::string(31, 'a')));
}

BOOST_AUTO_TEST_CASE(a_path_that_leaves_the_repository_is_refused) {
  for (const char* bad :
       {"", "/trunk", "trunk/", "a//b", "..", "a/../b", "a/./b", "-r1",
        "trunk@HEAD", "a\\b", "a\nb", "tr\xff"}) {
    BOOST_TEST(refuse_path("svn", bad).has_value(), bad);
  }
  for (const char* good : {"trunk", "branches/checkout-2", "tags/1.0 rc"}) {
    BOOST_TEST(!refuse_path("svn", good).has_value(), good);
  }
  BOOST_TEST(refuse_path("svn", std::string(256, 'a')).has_value());
  std::string path;
  for (int i = 0; i < 255; ++i) path += "\u00fc";
  BOOST_TEST(!refuse_path("svn", path).has_value());
  BOOST_TEST(refuse_path("svn", path + "a").has_value());
}

BOOST_AUTO_TEST_CASE(a_ref_that_git_would_refuse_is_refused) {
  for (const char* bad : {"a b", "a..b", "a~1", "a^", "a:b", "x.lock", ".a",
                          "a/.b", "b.", "a*", "a["}) {
    BOOST_TEST(refuse_path("git", bad).has_value(), bad);
  }
  BOOST_TEST(!refuse_path("git", "feature/sso").has_value());
}

// The page counted characters and the console bytes.
BOOST_AUTO_TEST_CASE(a_note_has_five_hundred_characters_of_any_language) {
  for (const char* letter : {"x", "\u00fc", "\u6f22", "\U0001f600"}) {
    std::string note;
    for (int i = 0; i < 500; ++i) note += letter;
    BOOST_TEST(!refuse_note(note).has_value(), letter);
    BOOST_TEST(*refuse_note(note + letter) ==
               "note: is longer than 500 characters");
  }
}

BOOST_AUTO_TEST_CASE(a_note_has_line_breaks_and_no_other_control_character) {
  BOOST_TEST(!refuse_note("").has_value());
  BOOST_TEST(!refuse_note("two\nlines\n").has_value());
  for (const char* bad : {"a\rb", "a\tb", "a\x1b[2J", "a\x7f", "a\u0085b",
                          "a\n\x01", "\xff", "a\xc3"}) {
    BOOST_TEST(refuse_note(bad).has_value());
  }
}

BOOST_AUTO_TEST_CASE(revisions_and_databases) {
  BOOST_TEST(!refuse_revision("svn", "").has_value());
  BOOST_TEST(!refuse_revision("svn", "4183").has_value());
  BOOST_TEST(refuse_revision("svn", "-1").has_value());
  BOOST_TEST(!refuse_revision("git", "9f31c2e").has_value());
  BOOST_TEST(refuse_revision("git", "--help").has_value());
  for (const char* same : {"34", "r34", "R34", "034", "r0034"}) {
    BOOST_TEST(!refuse_revision("svn", same).has_value(), same);
    BOOST_TEST(normal_revision("svn", same) == "34", same);
  }
  for (const char* newest : {"", "HEAD", "head"}) {
    BOOST_TEST(!refuse_revision("svn", newest).has_value(), newest);
    BOOST_TEST(normal_revision("svn", newest) == "", newest);
  }
  BOOST_TEST(normal_revision("svn", "000") == "0");
  for (const char* bad : {"r", "rr34", "34r", "-1", "3 4", "12345678901",
                          "BASE", "PREV", "deadbeef", "+34", "r-34"}) {
    BOOST_TEST(refuse_revision("svn", bad).value_or("").starts_with(
                   "revision: must be a revision number such as 34 or r34"),
               bad);
  }
  for (const char* date : {"{2026-01-01}", "2026-01-01", "{yesterday}",
                           "2026-01-01T10:00"}) {
    BOOST_TEST(refuse_revision("svn", date).value_or("") ==
                   "revision: must not be a date; give a revision number",
               date);
  }
  BOOST_TEST(!refuse_revision("git", "9F31C2E").has_value());
  BOOST_TEST(normal_revision("git", "9F31C2E") == "9f31c2e");
  for (const char* bad : {"9f31c2", "HEAD", "r34", "9g31c2e",
                          "9f31c2e9f31c2e9f31c2e9f31c2e9f31c2e9f31c2"}) {
    BOOST_TEST(refuse_revision("git", bad).value_or("").starts_with(
                   "revision: must be a commit of 7 to 40"),
               bad);
  }
  BOOST_TEST(!refuse_database("newest").has_value());
  BOOST_TEST(!refuse_database("20261122024100").has_value());
  BOOST_TEST(refuse_database("postgres").has_value());
}

BOOST_AUTO_TEST_CASE(scripts_say_by_name_what_they_are) {
  BOOST_CHECK(script_kind("10-mail.sql") == ScriptKind::script);
  BOOST_CHECK(script_kind("00--.sql") == ScriptKind::script);
  BOOST_CHECK(script_kind("90-mail.assert.sql") == ScriptKind::assertion);
  for (const char* bad :
       {"", ".sql", "10.sql", "10-.sql", "1-mail.sql", "x0-mail.sql",
        "10_mail.sql", "10-Mail.sql", "10-mail.SQL", "10-mail.sql~",
        "10-.assert.sql", "10-a.b.sql", "10-a.assert.assert.sql"}) {
    BOOST_TEST(!script_kind(bad).has_value(), bad);
  }
}

BOOST_AUTO_TEST_CASE(a_number_stands_alone_between_front_and_back) {
  BOOST_TEST(number_in("12.steps", "", ".steps").value() == 12);
  BOOST_TEST(number_in("job-7", "job-", "").value() == 7);
  BOOST_TEST(number_in("3.private.log", "", ".private.log").value() == 3);
  for (const char* bad : {"3.private.log", "x3.log", ".log", "-3.log",
                          "3.log.gz", "1234567890123456.log", "log", ""}) {
    BOOST_TEST(!number_in(bad, "", ".log").has_value(), bad);
  }
  BOOST_TEST(!number_in("aba", "ab", "ba").has_value());
}

// "free \u202emih ot reven" is shown as "free never to him".
BOOST_AUTO_TEST_CASE(what_turns_text_around_is_refused_by_its_code) {
  const std::vector<std::pair<std::string, std::string>> kAll = {
      {"\u061c", "U+061C"}, {"\u200e", "U+200E"}, {"\u200f", "U+200F"},
      {"\u2028", "U+2028"}, {"\u2029", "U+2029"}, {"\u202a", "U+202A"},
      {"\u202e", "U+202E"}, {"\u2066", "U+2066"}, {"\u2069", "U+2069"}};
  for (const auto& [bytes, code] : kAll) {
    const std::string text = "trunk" + bytes + "x";
    const std::string why = ": has the invisible character " + code;
    const bool is_mark = code <= "U+200F";
    BOOST_TEST(refuse_note(text).value_or("").starts_with("note" + why) ==
               !is_mark);
    BOOST_TEST(refuse_note(text).has_value() == !is_mark);
    BOOST_TEST(refuse_path("svn", text).value_or("").starts_with("path" + why));
    BOOST_TEST(refuse_path("git", text).value_or("").starts_with("path" + why));
    BOOST_TEST(refuse_revision("svn", text).has_value());
    BOOST_TEST(refuse_revision("git", text).has_value());
    BOOST_TEST(refuse_dump("/srv/" + text).has_value());
    BOOST_TEST(!is_user_name(text));
  }
  BOOST_TEST(!refuse_note("\u05e9\u05dc\u05d5\u05dd \u0645").has_value());
}

BOOST_AUTO_TEST_SUITE_END()
