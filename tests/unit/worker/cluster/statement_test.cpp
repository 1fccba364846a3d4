// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>

#include "base/error.hpp"
#include "worker/cluster/statement.hpp"

namespace berth::worker {
namespace {

std::vector<std::string> texts(const std::string& sql) {
  std::vector<std::string> out;
  for (const auto& s : split_statements(sql, "x.sql")) out.push_back(s.text);
  return out;
}

using Texts = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_SUITE(statements_of_a_file)

BOOST_AUTO_TEST_CASE(are_cut_at_semicolons_and_know_their_lines) {
  const auto all = split_statements(
      "-- what it does; and why\nUPDATE a\nSET b = 1;\n\n;;\n/* ; /* ; */ ; */"
      "SELECT 2 ; SELECT 3", "x.sql");
  BOOST_REQUIRE(all.size() == 3u);
  BOOST_TEST(all[0].text == "UPDATE a\nSET b = 1");
  BOOST_TEST(all[0].line == 2u);
  BOOST_TEST(all[1].text == "SELECT 2 ");
  BOOST_TEST(all[1].line == 6u);
  BOOST_TEST(all[2].text == "SELECT 3");
}

BOOST_AUTO_TEST_CASE(nothing_is_no_statement) {
  BOOST_TEST(texts("").empty());
  BOOST_TEST(texts(" \n-- only words;\n/* and ; these */;").empty());
  BOOST_TEST((texts("\xef\xbb\xbfSELECT 1") == Texts{"SELECT 1"}));
}

BOOST_AUTO_TEST_CASE(quotes_of_every_kind_hide_a_semicolon) {
  for (const char* one :
       {"SELECT ';'", "SELECT 'it''s;'", "SELECT E'\\';'", "SELECT e'\\\\;'",
        "SELECT \"a;\"\"b;\"", "SELECT $$;$$", "SELECT $a$ $$;$b$;$a$",
        "SELECT U&'\\0041;'", "SELECT $1", "CREATE RULE r AS ON UPDATE TO a "
        "DO (UPDATE b SET c = 1; DELETE FROM d)", "SELECT 1 AS a$b$"}) {
    BOOST_TEST_CONTEXT(one) {
      BOOST_TEST((texts(std::string(one) + ";SELECT 2") ==
                  Texts{one, "SELECT 2"}));
    }
  }
  // A plain string has no escapes, and a name's last letter makes none.
  BOOST_TEST(texts("SELECT '\\';SELECT 2").size() == 2u);
  BOOST_TEST(texts("SELECT date'\\';SELECT 2").size() == 2u);
}

// A word may have a $ in it, a number has none.
BOOST_AUTO_TEST_CASE(a_quote_begins_after_a_number_but_not_in_a_word) {
  for (const char* one :
       {"SELECT 1$$;$$", "SELECT $1$a$;$a$", "SELECT .5$$;$$"}) {
    BOOST_TEST_CONTEXT(one) {
      BOOST_TEST((texts(std::string(one) + ";SELECT 2") ==
                  Texts{one, "SELECT 2"}));
    }
  }
  BOOST_TEST(texts("SELECT 1e-3$a$;SELECT 2;$a$").size() == 1u);
  BOOST_TEST(texts("SELECT 1a$$;SELECT 2;$$").size() == 3u);
  // An exponent without digits takes its sign, so that this is no comment.
  BOOST_TEST(texts("SELECT 1e--2;SELECT 3").size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_routines_body_stays_whole) {
  const std::string body =
      "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql "
      "BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END";
  BOOST_TEST((texts(body + ";SELECT 3;") == Texts{body, "SELECT 3"}));
  BOOST_TEST(texts("BEGIN; SELECT 1; END; SELECT 2").size() == 4u);
}

BOOST_AUTO_TEST_CASE(what_is_not_closed_is_one_statement) {
  for (const char* open : {"SELECT 'a;b", "SELECT $x$ ; ", "SELECT \"a;",
                           "SELECT (1; 2", "SELECT 1 /* ; "}) {
    BOOST_TEST(texts(open).size() == 1u);
  }
}

BOOST_AUTO_TEST_CASE(psqls_own_commands_are_told_with_their_line) {
  BOOST_CHECK_EXCEPTION(texts("SELECT 1;\n\\set x 1"), Error,
                        [](const Error& e) { return e.subject() == "x.sql:2"; });
}

BOOST_AUTO_TEST_CASE(an_errors_place_is_counted_in_characters) {
  const Statement s{"SELECT 'ü',\n  'ä'\n  oops", 7};
  BOOST_TEST(line_at(s, 0) == 7u);
  BOOST_TEST(line_at(s, 1) == 7u);
  BOOST_TEST(line_at(s, 12) == 7u);  // the newline itself
  BOOST_TEST(line_at(s, 13) == 8u);
  BOOST_TEST(line_at(s, 21) == 9u);
  BOOST_TEST(line_at(s, 9999) == 9u);
}

// Whatever the bytes are, each of them is in at most one statement, and the
// end is reached.
BOOST_AUTO_TEST_CASE(every_cut_of_a_file_is_read_to_its_end) {
  const std::string all =
      "UPDATE a SET b = E'\\'x' WHERE c = $t$;$t$; /* /* */ */ SELECT (1;2);";
  for (std::size_t n = 0; n <= all.size(); ++n) {
    std::size_t bytes = 0;
    try {
      for (const auto& s : split_statements(all.substr(0, n), "x.sql")) {
        bytes += s.text.size();
      }
    } catch (const Error&) {
      continue;  // cut within E'\'
    }
    BOOST_TEST(bytes <= n);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace berth::worker
