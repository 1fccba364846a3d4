// SPDX-License-Identifier: GPL-2.0-or-later
#include "web/routes.hpp"

#include <boost/test/unit_test.hpp>

#include "cgi.hpp"

using namespace berth::web;

namespace {

int status_of(const std::string& method, const std::string& path,
              const std::string& query = "") {
  Cgi cgi = get(path, query);
  cgi.variables["REQUEST_METHOD"] = method;
  Request request = cgi.request();
  try {
    find_route(request);
  } catch (const Problem& problem) {
    return problem.status();
  }
  return 200;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(routes)

BOOST_AUTO_TEST_CASE(a_route_gives_the_names_in_the_path) {
  Request request = get("/servers/qa1/history", "limit=2").request();
  BOOST_TEST(find_route(request).pattern == "servers/{server}/history");
  BOOST_TEST(request.names.at(0) == "qa1");
}

BOOST_AUTO_TEST_CASE(no_segment_but_a_plain_name_gets_to_a_handler) {
  for (const char* path :
       {"", "/", "//", "/servers/", "/servers//", "/servers/QA1",
        "/servers/..", "/servers/.", "/servers/qa1/", "servers",
        "/servers/qa1/../qa2", "/servers/qa1\n", "/jobs/0", "/jobs/-1",
        "/jobs/01", "/jobs/1x", "/jobs/1234567890123456", "/drops/abc",
        "/drops/0000000000000000000000000000000G", "/x"}) {
    BOOST_TEST(status_of("GET", path) == 404, path);
  }
}

BOOST_AUTO_TEST_CASE(another_method_is_405_with_what_there_is) {
  BOOST_TEST(status_of("PATCH", "/servers") == 405);
  BOOST_TEST(status_of("", "/servers") == 405);
  Cgi cgi = get("/jobs/7");
  cgi.variables["REQUEST_METHOD"] = "PUT";
  Request request = cgi.request();
  try {
    find_route(request);
    BOOST_FAIL("found");
  } catch (const Problem& problem) {
    BOOST_TEST(problem.headers().at(0).first == "Allow");
    BOOST_TEST(problem.headers().at(0).second == "DELETE, GET, HEAD");
  }
}

BOOST_AUTO_TEST_CASE(an_unknown_query_parameter_is_400) {
  BOOST_TEST(status_of("GET", "/servers/qa1/history", "limit=1&before=2") ==
             200);
  BOOST_TEST(status_of("GET", "/servers", "limit=1") == 400);
  BOOST_TEST(status_of("GET", "/jobs", "State=failed") == 400);
}

BOOST_AUTO_TEST_SUITE_END()
