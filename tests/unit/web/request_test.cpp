// SPDX-License-Identifier: GPL-2.0-or-later
#include "web/request.hpp"

#include <boost/test/unit_test.hpp>

#include "cgi.hpp"
#include "web/problem.hpp"

using namespace berth::web;

namespace {

int status_of(Cgi cgi) {
  try {
    cgi.request();
  } catch (const Problem& problem) {
    return problem.status();
  }
  return 200;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(request)

BOOST_AUTO_TEST_CASE(the_path_is_path_info_under_mod_fcgid) {
  const Request r = get("/servers/qa1", "a=1&b=x%20y").request();
  BOOST_TEST(r.path == "/servers/qa1");
  BOOST_TEST(r.mount == "/berth/api");
  BOOST_TEST(r.query.at("a") == "1");
  BOOST_TEST(r.query.at("b") == "x y");
}

BOOST_AUTO_TEST_CASE(the_path_is_script_name_without_the_mount_behind_a_proxy) {
  Cgi cgi;
  cgi.variables = {{"REQUEST_METHOD", "GET"},
                   {"SCRIPT_NAME", "/berth/api/jobs/7"},
                   {"BERTH_API", "/berth/api"}};
  Request r = cgi.request();
  BOOST_TEST(r.path == "/jobs/7");
  BOOST_TEST(r.mount == "/berth/api");
  cgi.variables["SCRIPT_NAME"] = "/berth/apiary";
  BOOST_TEST(cgi.request().path == "");
  cgi.variables.erase("BERTH_API");
  BOOST_TEST(cgi.request().path == "");
}

// A header can be made REMOTE_USER by a line of the site's; a login sets both.
BOOST_AUTO_TEST_CASE(a_user_without_a_login_is_nobody) {
  Cgi asked = post("/servers/qa1", "application/json", "");
  BOOST_TEST(asked.request().remote_user == "alice");
  asked.variables["AUTH_TYPE"] = "";
  BOOST_TEST(asked.request().remote_user == "");
  asked.variables.erase("AUTH_TYPE");
  BOOST_TEST(asked.request().remote_user == "");
}

BOOST_AUTO_TEST_CASE(head_is_a_get_that_says_so) {
  Cgi cgi = get("/servers");
  cgi.variables["REQUEST_METHOD"] = "HEAD";
  const Request r = cgi.request();
  BOOST_TEST(r.method == "GET");
  BOOST_TEST(r.head);
}

BOOST_AUTO_TEST_CASE(a_body_of_the_cap_is_read_one_byte_more_is_413) {
  const std::string most(kLargestBody, 'x');
  Cgi cgi = post("/builds", "application/json", most);
  BOOST_TEST(cgi.request().body.size() == kLargestBody);
  cgi = post("/builds", "application/json", most + "x");
  BOOST_TEST(status_of(cgi) == 413);
  // Chunked, through a proxy: nobody says how long it is.
  cgi.variables.erase("CONTENT_LENGTH");
  BOOST_TEST(status_of(cgi) == 413);
  cgi.body = most;
  BOOST_TEST(cgi.request().body.size() == kLargestBody);
}

BOOST_AUTO_TEST_CASE(what_is_too_large_is_drained_to_a_point) {
  Cgi cgi = post("/builds", "application/json", std::string(200'000, 'x'));
  BOOST_CHECK_THROW(cgi.request(), Problem);
  BOOST_TEST(cgi.read == 200'000U);
  cgi = post("/builds", "application/json", std::string(5'000'000, 'x'));
  BOOST_CHECK_THROW(cgi.request(), Problem);
  BOOST_TEST(cgi.read < 1'200'000U);
}

BOOST_AUTO_TEST_CASE(a_body_comes_in_pieces_of_any_size) {
  Cgi cgi = post("/builds", "application/json", "{\"a\":1}");
  cgi.at_most = 1;
  BOOST_TEST(cgi.request().body == "{\"a\":1}");
}

BOOST_AUTO_TEST_CASE(a_length_that_is_no_number_is_400_and_allocates_nothing) {
  for (const char* length : {"-1", "abc", "1e3", " 5", "+5", "0x10", "5,5"}) {
    Cgi cgi = post("/builds", "application/json", "{}");
    cgi.variables["CONTENT_LENGTH"] = length;
    BOOST_TEST(status_of(cgi) == 400, length);
  }
  for (const char* length : {"65537", "99999999999", "18446744073709551617"}) {
    Cgi cgi = post("/builds", "application/json", "{}");
    cgi.variables["CONTENT_LENGTH"] = length;
    BOOST_TEST(status_of(cgi) == 413, length);
  }
}

BOOST_AUTO_TEST_CASE(a_body_that_ends_early_is_refused_at_every_byte) {
  const std::string whole = "{\"application\":\"shop\"}";
  for (std::size_t i = 0; i < whole.size(); ++i) {
    Cgi cgi = post("/builds", "application/json", whole.substr(0, i));
    cgi.variables["CONTENT_LENGTH"] = std::to_string(whole.size());
    BOOST_TEST(status_of(cgi) == 400);
  }
}

BOOST_AUTO_TEST_CASE(a_content_type_is_compared_without_its_parameters) {
  BOOST_TEST(post("/", "Application/JSON ; charset=utf-8", "{}")
                 .request()
                 .content_type == "application/json");
}

BOOST_AUTO_TEST_CASE(broken_forms_are_400) {
  for (const char* text : {"a", "a=1&b", "=1", "a=1&a=2", "a=%", "a=%1",
                           "a=%zz", "a=%ff", "%00%fe=1"}) {
    BOOST_CHECK_THROW(parse_form(text), Problem);
  }
  BOOST_TEST(parse_form("").empty());
  BOOST_TEST(parse_form("&&").empty());
  BOOST_TEST(parse_form("a=&b=1%2B1").at("b") == "1+1");
  BOOST_TEST(parse_form("a=x+y").at("a") == "x y");
}

// A note "fix; then look" was a note "fix" and a field that nobody knows.
BOOST_AUTO_TEST_CASE(a_semicolon_is_data) {
  const Fields fields = parse_form("note=fix;+then=look;&b=;2&c;d=%3B;");
  BOOST_TEST(fields.size() == 3u);
  BOOST_TEST(fields.at("note") == "fix; then=look;");
  BOOST_TEST(fields.at("b") == ";2");
  BOOST_TEST(fields.at("c;d") == ";;");
  BOOST_CHECK_THROW(parse_form("a;b"), Problem);
  BOOST_TEST(get("/x", "prefix=a;b").request().query.at("prefix") == "a;b");
}

BOOST_AUTO_TEST_SUITE_END()
