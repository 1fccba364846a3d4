// SPDX-License-Identifier: GPL-2.0-or-later
// A configuration file: an administrator's typo is a problem with a place.
#include "base/config.hpp"

#include "base/error.hpp"
#include "base/name.hpp"
#include "fuzz/fuzz.hpp"
#include "unit/temporary_dir.hpp"

namespace berth::fuzz {

FUZZ(config) {
  static const TemporaryDir folder;
  folder.put("berth.conf", std::string(input));
  try {
    const Config config = load_config(folder / "berth.conf");
    for (const auto& [name, application] : config.applications) {
      require(is_application_name(name) && application.name == name,
              "an application has a name");
      require(application.kind == "svn" || application.kind == "git",
              "an application has a kind");
    }
    for (const auto& [name, host] : config.hosts) {
      require(is_config_name(name), "a host has a name");
    }
  } catch (const ConfigError& error) {
    require(!error.problems().empty(), "there is a reason");
    for (const ConfigProblem& problem : error.problems()) {
      require(!problem.text.empty() && !problem.file.empty(),
              "a problem says what and where");
    }
  }
}

}  // namespace berth::fuzz
