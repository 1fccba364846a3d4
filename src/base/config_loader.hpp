// SPDX-License-Identifier: GPL-2.0-or-later
// The reader of load_config(), section by section: config_load.cpp has the
// files and the small sections, config_application.cpp [application.*]. Only
// these two use it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/config.hpp"
#include "base/dir.hpp"
#include "base/toml_table.hpp"

namespace berth {

class ConfigLoader {
 public:
  ConfigLoader(Config& config, std::vector<ConfigProblem>& problems)
      : config_(config), problems_(problems) {}

  void read(const Dir& dir, const std::string& name);
  void check_whole();

 private:
  using Read = void (ConfigLoader::*)(TomlTable&, const std::string&);
  void each(TomlTable& top, const char* kind, Read reader);
  void once(TomlTable& top, const char* section, Read reader);
  void console(TomlTable& t, const std::string&);
  void console_realms(TomlTable& t);
  void paths(TomlTable& t, const std::string&);
  void host(TomlTable& t, const std::string& name);
  void host_images(TomlTable& t, HostConfig& host);
  void cluster(TomlTable& t, const std::string& name);
  void application(TomlTable& t, const std::string& name);
  void application_data(TomlTable& t, ApplicationConfig& a);
  void application_verify(TomlTable& t, ApplicationConfig& a);
  void application_set(TomlTable& t, ApplicationConfig& a);
  void application_deadlines(TomlTable& t, ApplicationConfig& a);
  void whole_problem(const std::string& section, std::string text);

  Config& config_;
  std::vector<ConfigProblem>& problems_;
  std::set<std::string> once_;
  // The position of each section, for problems found at the end.
  std::map<std::string, std::pair<std::string, toml::source_position>> places_;
};

}  // namespace berth
