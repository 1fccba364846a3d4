// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/conninfo.hpp"

#include <algorithm>
#include <vector>

#include "base/text.hpp"

namespace berth {
namespace {

bool is_conninfo_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' ||
         c == '\v';
}

// keyword = value; values with spaces in '', \ before ' and \.
class Keywords {
 public:
  explicit Keywords(const std::string& text) : text_(text) {}

  ConninfoValues run() {
    ConninfoValues out;
    while (skip_blanks()) {
      const std::size_t from = at_;
      while (at_ < text_.size() && text_[at_] != '=' &&
             !is_conninfo_blank(text_[at_])) {
        ++at_;
      }
      const std::string keyword = text_.substr(from, at_ - from);
      if (!skip_blanks() || text_[at_] != '=') return out;
      ++at_;
      skip_blanks();
      out[keyword] = value();
    }
    return out;
  }

 private:
  bool skip_blanks() {
    while (at_ < text_.size() && is_conninfo_blank(text_[at_])) ++at_;
    return at_ < text_.size();
  }
  std::string value() {
    const bool quoted = at_ < text_.size() && text_[at_] == '\'';
    if (quoted) ++at_;
    std::string out;
    for (; at_ < text_.size(); ++at_) {
      if (quoted && text_[at_] == '\'') {
        ++at_;
        break;
      }
      if (!quoted && is_conninfo_blank(text_[at_])) break;
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      out.push_back(text_[at_]);
    }
    return out;
  }

  const std::string& text_;
  std::size_t at_ = 0;
};

std::string without_percent(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
    if (text[i] != '%' || high < 0 || low < 0) {
      out.push_back(text[i]);
    } else {
      out.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    }
  }
  return out;
}

// [USER[:PASSWORD]@][HOST[:PORT],...][/DATABASE][?KEYWORD=VALUE&...]
ConninfoValues read_uri(std::string text) {
  ConninfoValues out;
  const std::size_t question = text.find('?');
  const std::string query =
      question == std::string::npos ? "" : text.substr(question + 1);
  text = text.substr(0, question);
  text = text.substr(0, text.find('/'));
  if (const auto at = text.find('@'); at != std::string::npos) {
    text = text.substr(at + 1);
  }
  std::string hosts, ports;
  const std::vector<std::string> list = split(text, ',');
  for (const std::string& one : list) {
    std::string host = one, rest;
    if (host.starts_with('[')) {
      const std::size_t end = host.find(']');
      rest = end == std::string::npos ? "" : host.substr(end + 1);
      host = host.substr(1, end - 1);
    } else if (const auto colon = host.find(':'); colon != std::string::npos) {
      rest = host.substr(colon);
      host = host.substr(0, colon);
    }
    hosts += (hosts.empty() ? "" : ",") + without_percent(host);
    ports += (&one == &list.front() ? "" : ",") +
             (rest.starts_with(':') ? without_percent(rest.substr(1)) : "");
  }
  if (!hosts.empty()) out["host"] = hosts;
  if (ports.find_first_not_of(',') != std::string::npos) out["port"] = ports;
  for (const std::string& pair : split(query, '&')) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos) continue;
    const std::string keyword = without_percent(pair.substr(0, equals));
    const std::string value = without_percent(pair.substr(equals + 1));
    // libpq accepts this, for compatibility with JDBC.
    if (keyword == "ssl" && value == "true") {
      out["sslmode"] = "require";
    } else {
      out[keyword] = value;
    }
  }
  return out;
}

std::string value_of(const ConninfoValues& values, const char* keyword) {
  const auto found = values.find(keyword);
  return found == values.end() ? "" : found->second;
}

bool is_dotted_number(const std::string& host) {
  return std::count(host.begin(), host.end(), '.') == 3 &&
         host.find_first_not_of("0123456789.") == std::string::npos;
}

bool is_here(const std::string& host) {
  return host.empty() || host.starts_with('/') || host.starts_with('@') ||
         host == "localhost" || host == "::1" ||
         (host.starts_with("127.") && is_dotted_number(host));
}

}  // namespace

ConninfoValues read_conninfo(const std::string& conninfo) {
  for (const char* scheme : {"postgresql://", "postgres://"}) {
    if (conninfo.starts_with(scheme)) {
      return read_uri(conninfo.substr(std::string(scheme).size()));
    }
  }
  return Keywords(conninfo).run();
}

bool stays_on_this_machine(const ConninfoValues& values) {
  const auto hosts = split(value_of(values, "host"), ',');
  const auto addresses = split(value_of(values, "hostaddr"), ',');
  for (std::size_t i = 0; i < std::max(hosts.size(), addresses.size()); ++i) {
    // The connection leads to the address; the name is only for verification.
    const bool has_address = i < addresses.size() && !addresses[i].empty();
    if (!is_here(has_address          ? addresses[i]
                 : i < hosts.size() ? hosts[i]
                                    : "")) {
      return false;
    }
  }
  return true;
}

std::string why_unverified(const ConninfoValues& values) {
  const std::string mode = value_of(values, "sslmode");
  if (mode == "verify-full" || stays_on_this_machine(values)) return "";
  return "leads to another machine " +
         (mode.empty() ? std::string("without sslmode=verify-full")
                       : "with sslmode=" + printable(mode, 40)) +
         ": any server that answers there receives the password";
}

}  // namespace berth
