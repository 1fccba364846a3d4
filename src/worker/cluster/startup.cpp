// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/cluster/startup.hpp"

#include "base/conninfo.hpp"

namespace berth::worker {
namespace {

// Parameters in the form that libpq expects.
class Parameters {
 public:
  // An empty value is ignored, as libpq does. The later of two wins.
  void add(const char* key, std::string value) {
    if (!value.empty()) all_.emplace_back(key, std::move(value));
  }
  // `expand`: "dbname" may be a whole conninfo, which is then expanded.
  PgConnection begin(bool expand) const {
    std::vector<const char*> keys, values;
    for (const auto& [key, value] : all_) {
      keys.push_back(key.c_str());
      values.push_back(value.c_str());
    }
    keys.push_back(nullptr);
    values.push_back(nullptr);
    return PgConnection(
        PQconnectStartParams(keys.data(), values.data(), expand ? 1 : 0));
  }

 private:
  std::vector<std::pair<std::string, std::string>> all_;
};

std::string escaped_option(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == ' ' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  return out;
}

}  // namespace

std::string require_auth(const std::string& conninfo, int libpq) {
  if (libpq < 160000 || stays_on_this_machine(read_conninfo(conninfo))) {
    return "";
  }
  return "!password,!md5";
}

std::string options_of(const std::string& conninfo) {
  Parameters all;
  all.add("dbname", conninfo);
  // libpq parses everything, then refuses this value and connects to nothing.
  all.add("sslmode", "none of them");
  const PgConnection begun = all.begin(true);
  std::string out;
  PQconninfoOption* options = PQconninfo(begun.get());
  for (const PQconninfoOption* o = options; o && o->keyword; ++o) {
    if (std::string(o->keyword) == "options" && o->val) out = o->val;
  }
  PQconninfoFree(options);
  return out;
}

std::string with_settings(std::string options,
                          const SessionSettings& settings) {
  for (const auto& [name, value] : settings) {
    if (!options.empty()) options += " ";
    options += "-c " + name + "=" + escaped_option(value);
  }
  return options;
}

PgConnection begin_connection(const Conninfo& conninfo,
                              const std::string& application_name,
                              const std::string& database,
                              const std::string& user,
                              const SessionSettings& settings) {
  Parameters all;
  // Precedes conninfo, so that an administrator's own value wins.
  all.add("require_auth", require_auth(conninfo.text));
  all.add("dbname", conninfo.text);
  all.add("application_name", application_name);
  all.add("connect_timeout", "15");
  all.add("keepalives_idle", "10");
  all.add("tcp_user_timeout", "20000");
  all.add("client_encoding", "UTF8");
  all.add("options", with_settings(options_of(conninfo.text), settings));
  all.add("dbname", database);
  all.add("user", user);
  return all.begin(true);
}

std::string password_found(
    const std::map<std::string, std::string>& conninfo) {
  Parameters all;
  for (const auto& [key, value] : conninfo) all.add(key.c_str(), value);
  // libpq looks it up when a connection begins; it is dropped before anything
  // is sent.
  const PgConnection begun = all.begin(false);
  const char* text = begun ? PQpass(begun.get()) : nullptr;
  return text ? text : "";
}

}  // namespace berth::worker
