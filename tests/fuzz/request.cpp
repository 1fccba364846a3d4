// SPDX-License-Identifier: GPL-2.0-or-later
// A request on its way to its handler: lines NAME=VALUE of CGI's, an empty line
// and the body.
#include <algorithm>

#include "base/name.hpp"
#include "base/text.hpp"
#include "fuzz/fuzz.hpp"
#include "web/address.hpp"
#include "web/body.hpp"
#include "web/login.hpp"
#include "web/reply.hpp"
#include "web/request.hpp"
#include "web/routes.hpp"

namespace berth::fuzz {
namespace {

const std::map<std::string, web::FieldType>& fields_asked() {
  static const std::map<std::string, web::FieldType> asked = {
      {"application", web::FieldType::text},
      {"path", web::FieldType::text},
      {"checkout", web::FieldType::boolean},
      {"hours", web::FieldType::number}};
  return asked;
}

void check_body(const web::Request& request) {
  const json::object body = web::read_optional_body(
      request, {{"application", web::FieldType::text},
                {"path", web::FieldType::text},
                {"checkout", web::FieldType::boolean},
                {"hours", web::FieldType::number}});
  for (const auto& [name, value] : body) {
    const auto asked = fields_asked().find(std::string(name));
    require(asked != fields_asked().end(), "a member that nobody asked for");
    require(asked->second == web::FieldType::text      ? value.is_string()
            : asked->second == web::FieldType::boolean ? value.is_bool()
                                                       : value.is_number(),
            "a member of another type");
  }
}

void check_request(web::Request& request, const Config& config) {
  require(request.body.size() <= web::kLargestBody, "the body is capped");
  for (const auto& [name, value] : request.query) {
    require(is_valid_utf8(name) && is_valid_utf8(value), "a query is UTF-8");
  }
  request.user = web::map_login(request.remote_user, config);
  require(request.user.empty() || is_user_name(request.user),
          "a login is a user's name");
  web::refuse_other_address(request, config);
  web::refuse_cross_site(request, config);
  web::find_route(request);
  for (const std::string& name : request.names) {
    require(!name.empty() && name.front() != '.' &&
                name.find('/') == std::string::npos &&
                !has_control_characters(name),
            "what a route gives is a name");
  }
  check_body(request);
}

// It is one document, and its head has no line that somebody else wrote.
void check_problem(const web::Problem& problem) {
  require(problem.status() >= 400 && problem.status() < 500,
          "what a client did is a 4xx");
  const web::Reply reply = web::problem_reply(problem);
  const json::value document = parse_json(reply.body);
  require(document.at("status").to_number<int>() == problem.status(),
          "a problem names its status");
  const std::string head = web::cgi_head(reply);
  require(head.find("\r\n\r\n") == head.size() - 4, "a head ends once");
}

}  // namespace

FUZZ(request) {
  Config config;
  config.url = "https://qa.example.com/berth";
  // At the console's own address, unless the input names another.
  std::map<std::string, std::string> environment = {
      {"HTTP_HOST", "qa.example.com"}, {"SERVER_NAME", "qa.example.com"},
      {"REQUEST_SCHEME", "https"}, {"SERVER_PORT", "443"}};
  while (!input.empty()) {
    const std::string line = take_line(input);
    if (line.empty()) break;
    const std::size_t end = line.find('=');
    // A variable has no NUL in it.
    environment[line.substr(0, end)] =
        end == std::string::npos ? "" : line.substr(end + 1).c_str();
  }
  const auto lookup = [&](const char* name) -> const char* {
    const auto found = environment.find(name);
    return found == environment.end() ? nullptr : found->second.c_str();
  };
  const auto read = [&](char* data, std::size_t size) {
    const std::size_t n = std::min({size, input.size(), std::size_t{100}});
    std::copy_n(input.data(), n, data);
    input.remove_prefix(n);
    return n;
  };
  try {
    web::Request request = web::read_request(lookup, read);
    check_request(request, config);
  } catch (const web::Problem& problem) {
    check_problem(problem);
  }
}

}  // namespace berth::fuzz
