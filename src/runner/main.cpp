// SPDX-License-Identifier: GPL-2.0-or-later
// berthd [--config FILE] [--once]: see berthd(8).
#include <cstring>
#include <iostream>
#include <string>

#include "base/error.hpp"
#include "base/log.hpp"
#include "runner/runner.hpp"

namespace {

constexpr const char* kUsage =
    "usage: berthd [--config FILE] [--once] [--version]\n";

struct Options {
  std::string config;
  bool once = false;
};

int serve(const Options& options) {
  berth::runner::Runner runner(berth::load_config(options.config));
  runner.recover();
  options.once ? runner.once() : runner.run();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  berth::log_as("berthd");
  Options options;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--config") == 0 && i + 1 < argc) {
      options.config = argv[++i];
    } else if (std::strcmp(argv[i], "--once") == 0) {
      options.once = true;
    } else if (std::strcmp(argv[i], "--version") == 0) {
      std::cout << "berthd " << berth::version() << "\n";
      return 0;
    } else {
      std::cerr << kUsage;
      return 2;
    }
  }
  try {
    return serve(options);
  } catch (const berth::ConfigError& e) {
    for (const auto& problem : e.problems()) berth::log_error(problem.str());
  } catch (const std::exception& e) {
    berth::log_error(e.what());
  }
  return 1;
}
