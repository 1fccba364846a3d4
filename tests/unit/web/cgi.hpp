// SPDX-License-Identifier: GPL-2.0-or-later
// A request as CGI variables and a body, and a reply taken apart.
#pragma once

#include <algorithm>
#include <map>
#include <string>

#include "web/request.hpp"

namespace berth::web {

struct Cgi {
  std::map<std::string, std::string> variables;
  std::string body;
  std::size_t read = 0;
  std::size_t at_most = 1 << 20;  // bytes one read gives

  Lookup lookup() const {
    return [this](const char* name) -> const char* {
      const auto found = variables.find(name);
      return found == variables.end() ? nullptr : found->second.c_str();
    };
  }
  ReadBody reader() {
    return [this](char* data, std::size_t size) {
      const std::size_t n = std::min({size, body.size() - read, at_most});
      std::copy_n(body.data() + read, n, data);
      read += n;
      return n;
    };
  }
  Request request() { return read_request(lookup(), reader()); }
};

inline Cgi get(const std::string& path, const std::string& query = "") {
  return {{{"REQUEST_METHOD", "GET"},
           {"HTTP_HOST", "localhost"},
           {"SERVER_NAME", "localhost"},
           {"SERVER_PORT", "80"},
           {"SCRIPT_NAME", "/berth/api"},
           {"PATH_INFO", path},
           {"QUERY_STRING", query}},
          ""};
}

inline Cgi post(const std::string& path, const std::string& type,
                const std::string& body) {
  return {{{"REQUEST_METHOD", "POST"},
           {"HTTP_HOST", "localhost"},
           {"SERVER_NAME", "localhost"},
           {"SERVER_PORT", "80"},
           {"SCRIPT_NAME", "/berth/api"},
           {"PATH_INFO", path},
           {"CONTENT_TYPE", type},
           {"CONTENT_LENGTH", std::to_string(body.size())},
           {"AUTH_TYPE", "Basic"},
           {"REMOTE_USER", "alice"}},
          body};
}

}  // namespace berth::web
