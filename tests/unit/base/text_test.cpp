// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/text.hpp"

#include <boost/test/unit_test.hpp>

using namespace berth;

BOOST_AUTO_TEST_SUITE(text)

BOOST_AUTO_TEST_CASE(utf8_is_told_from_what_only_looks_like_it) {
  BOOST_TEST(is_valid_utf8("gr\xc3\xbc\xc3\x9f"));
  BOOST_TEST(is_valid_utf8("\xf0\x9f\x9a\xa2"));
  BOOST_TEST(!is_valid_utf8("\xc3"));              // cut short
  BOOST_TEST(!is_valid_utf8("\xc0\xaf"));          // overlong slash
  BOOST_TEST(!is_valid_utf8("\xed\xa0\x80"));      // surrogate
  BOOST_TEST(!is_valid_utf8("\xf4\x90\x80\x80"));  // past U+10FFFF
}

BOOST_AUTO_TEST_CASE(what_is_not_utf8_can_be_made_so_and_shown) {
  BOOST_TEST(valid_utf8("a\xff\xc3\xa4\xed\xa0\x80\xc3") ==
             "a?\xc3\xa4????");
  BOOST_TEST(valid_utf8("") == "");
  BOOST_TEST(printable("qa \xc3\xa4") == "qa \xc3\xa4");
  BOOST_TEST(printable("a\nb") == "a\\x0ab");
  BOOST_TEST(printable("a\xff") == "a\\xff");
  // "user\u202egnp.exe" is shown as userexe.png.
  BOOST_TEST(printable("a\u202eb\u2066c") ==
             "a\\xe2\\x80\\xaeb\\xe2\\x81\\xa6c");
  for (const char* turning :
       {"\u061c", "\u200e", "\u200f", "\u2028", "\u2029", "\u202a",
        "\u202e", "\u2066", "\u2069"}) {
    BOOST_TEST(printable(turning).starts_with("\\x"), turning);
    BOOST_TEST(turning_character(std::string("a") + turning) != "");
  }
  BOOST_TEST(turning_character("\u05d0\xff\u061c\u202e") == "U+061C");
  BOOST_TEST(turning_character("\u05d0\u200f!\u200e\u061c", Marks::taken) ==
             "");
  BOOST_TEST(turning_character("\u05d0\u200f\u2067", Marks::taken) ==
             "U+2067");
  for (const char* kept : {"\u061b", "\u200d", "\u2027", "\u202f",
                           "\u2014", "\u2026", "\u2065",
                           "\u206a", "\U0001f600"}) {
    BOOST_TEST(printable(kept) == kept);
    BOOST_TEST(turning_character(kept) == "");
  }
  BOOST_TEST(printable("abcd", 3) == "abc...");
}

BOOST_AUTO_TEST_CASE(control_characters_include_delete_and_c1) {
  BOOST_TEST(has_control_characters("a\nb"));
  BOOST_TEST(has_control_characters(std::string_view("a\0b", 3)));
  BOOST_TEST(has_control_characters("a\x7f"));
  BOOST_TEST(has_control_characters("a\xc2\x9b" "31m"));
  BOOST_TEST(!has_control_characters("a \xc2\xa0 \xc3\xbc"));
}

BOOST_AUTO_TEST_CASE(globs_match_whole_names) {
  BOOST_TEST(glob_match("qa*", "qa12"));
  BOOST_TEST(glob_match("*", ""));
  BOOST_TEST(glob_match("branches/*", "branches/a/b"));
  BOOST_TEST(glob_match("q?1", "qa1"));
  BOOST_TEST(!glob_match("qa*", "xqa1"));
  BOOST_TEST(!glob_match("qa", "qa1"));
  BOOST_TEST(!glob_match("*a*a*a*a*a*b", std::string(2000, 'a')));
}

BOOST_AUTO_TEST_CASE(printable_cannot_forge_a_line_and_is_bounded) {
  BOOST_TEST(printable("a\n\x1b[31m") == "a\\x0a\\x1b[31m");
  BOOST_TEST(printable(std::string(300, 'x')).size() == 203u);
  BOOST_TEST(printable("gr\xC3\xB6\xC3\x9F" "e") == "gr\xC3\xB6\xC3\x9F" "e");
  BOOST_TEST(printable("a\xC2\x85" "b\xff" "c\xC3") ==
             "a\\xc2\\x85" "b\\xff" "c\\xc3");
  // Cut between characters.
  BOOST_TEST(printable("\xC3\xB6\xC3\x9F", 3) == "\xC3\xB6...");
  BOOST_TEST(printable("\xC3\xB6\xC3\x9F", 4) == "\xC3\xB6\xC3\x9F");
  BOOST_TEST(printable("\xE2\x82\xAC", 1) == "...");
}

BOOST_AUTO_TEST_CASE(a_fingerprint_is_32_hex_digits_and_tells_texts_apart) {
  BOOST_TEST(fingerprint("a").size() == 32u);
  BOOST_TEST(fingerprint("a") == fingerprint("a"));
  BOOST_TEST(fingerprint("a") != fingerprint("b"));
  BOOST_TEST(random_hex(16) != random_hex(16));
}

BOOST_AUTO_TEST_SUITE_END()
