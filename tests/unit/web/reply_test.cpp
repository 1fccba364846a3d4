// SPDX-License-Identifier: GPL-2.0-or-later
#include "web/reply.hpp"

#include <boost/test/unit_test.hpp>

#include "base/table.hpp"
#include "web/log_text.hpp"
#include "web/request.hpp"

using namespace berth;
using namespace berth::web;

namespace {

std::string whole(const Reply& reply) {
  return cgi_head(reply) + std::string(cgi_body(reply, false));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(reply)

BOOST_AUTO_TEST_CASE(a_reply_is_whole_and_says_its_length) {
  const std::string out = whole(json_reply(201, {{"a", 1}}));
  BOOST_TEST(out.starts_with("Status: 201 Created\r\n"));
  BOOST_TEST(out.find("Content-Length: 8\r\n") != std::string::npos);
  BOOST_TEST(out.ends_with("\r\n\r\n{\"a\":1}\n"));
  BOOST_TEST(cgi_body(json_reply(201, {{"a", 1}}), true).empty());
}

BOOST_AUTO_TEST_CASE(kept_bytes_go_out_as_a_body_does) {
  Reply reply;
  reply.kept = std::make_shared<const std::string>("{\"a\":1}\n");
  BOOST_TEST(whole(reply) == whole(json_reply(200, {{"a", 1}})));
  BOOST_TEST(cgi_body(reply, true).empty());
  reply.status = 304;
  BOOST_TEST(cgi_body(reply, false).empty());
}

BOOST_AUTO_TEST_CASE(a_304_and_a_204_have_no_body) {
  for (const int status : {204, 304}) {
    Reply reply = text_reply("x");
    reply.status = status;
    const std::string out = whole(reply);
    BOOST_TEST(out.ends_with("\r\n\r\n"));
    BOOST_TEST(out.find("Content-Length") == std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(a_header_cannot_be_split) {
  Reply reply = text_reply("");
  reply.headers = {{"Location", "/x\r\nSet-Cookie: a=b"}};
  BOOST_TEST(whole(reply).find("\r\nSet-Cookie") ==
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_problem_keeps_its_status_whatever_its_extras) {
  const Reply reply = problem_reply(
      Problem(409, "no", {{"status", 200}, {"holder", "bob"}}));
  const json::object body = json::parse(reply.body).as_object();
  BOOST_TEST(body.at("status").as_int64() == 409);
  BOOST_TEST(body.at("holder").as_string() == "bob");
  BOOST_TEST(reply.content_type == "application/problem+json");
}

BOOST_AUTO_TEST_CASE(an_etag_is_found_in_a_list_weak_or_zipped) {
  for (const char* header : {"\"abc\"", "W/\"abc\"", "\"x\", \"abc\"",
                             "\"abc-gzip\"", "*", "\"x\",W/\"abc\""}) {
    BOOST_TEST(etag_matches(header, "abc"), header);
  }
  for (const char* header : {"", "abc", "\"ab\"", "\"abcd\"", "\"", "\"\""}) {
    BOOST_TEST(!etag_matches(header, "abc"), header);
  }
  BOOST_TEST(!etag_matches("*", ""));
}

BOOST_AUTO_TEST_CASE(text_is_for_who_prefers_it) {
  const auto wants = [](const char* accept) {
    Request request;
    request.accept = accept;
    return wants_text(request);
  };
  BOOST_TEST(wants("text/plain"));
  BOOST_TEST(wants("text/plain, */*;q=0.5"));
  BOOST_TEST(wants("application/json;q=0.5, Text/Plain;q=0.6") == false);
  BOOST_TEST(wants("application/json;q=0.5, text/plain;q=0.6"));
  BOOST_TEST(!wants(""));
  BOOST_TEST(!wants("*/*"));
  BOOST_TEST(!wants("text/plain;q=0"));
  BOOST_TEST(!wants("application/json, text/plain"));
}

BOOST_AUTO_TEST_CASE(a_table_is_aligned_by_characters_and_forges_no_line) {
  const json::array rows = {
      json::object{{"name", "qä1"}, {"hold", {{"user", "bob"}}}},
      json::object{{"name", "qa10"}, {"hold", nullptr}},
      json::object{{"name", "a\nb"}, {"hold", {{"user", "\x1b[31m"}}}}};
  BOOST_TEST(table(rows, {{"NAME", "/name"}, {"HOLDER", "/hold/user"}}) ==
             "NAME  HOLDER\n"
             "qä1   bob\n"
             "qa10  -\n"
             "a b   \\x1b[31m\n");
}

BOOST_AUTO_TEST_CASE(a_log_is_cut_between_characters_at_every_byte) {
  const std::string text = "aä€𝄞z";
  for (std::size_t n = 0; n <= text.size(); ++n) {
    std::string piece = text.substr(0, n);
    cut_torn_character(piece);
    BOOST_TEST(text.starts_with(piece));
    BOOST_TEST(n - piece.size() <= 3U);
    // What is left begins a character.
    if (piece.size() < text.size()) {
      BOOST_TEST((static_cast<unsigned char>(text[piece.size()]) & 0xc0) !=
                 0x80);
    }
  }
}

BOOST_AUTO_TEST_CASE(bytes_that_are_no_utf8_do_not_hold_a_log_up) {
  for (const std::string text : {"x\xff", "x\x80\x80\x80\x80", "x\xc0",
                                 "x\xf8", "x\xa4"}) {
    std::string piece = text;
    cut_torn_character(piece);
    BOOST_TEST(piece == text);
  }
}

BOOST_AUTO_TEST_SUITE_END()
