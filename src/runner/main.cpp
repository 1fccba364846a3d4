// SPDX-License-Identifier: GPL-2.0-or-later
// berthd [--config FILE] [--once]: see berthd(8).
#include "base/error.hpp"
#include "base/log.hpp"
#include "base/options.hpp"
#include "runner/runner.hpp"

namespace {

using namespace berth;

int serve(const CommandLine& line) {
  runner::Runner runner(load_config(line.value("config")));
  runner.recover();
  line.has("once") ? runner.once() : runner.run();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const Program program{
      "berthd",
      "usage: berthd [--config FILE] [--once]\n"
      "       berthd --help | --version\n",
      {"config:", "once"}};
  const CommandLine line = command_line(program, argc, argv);
  if (!line.words.empty()) exit_usage(program, "berthd takes no words");
  log_as(program.name);
  try {
    return serve(line);
  } catch (const ConfigError& e) {
    for (const auto& problem : e.problems()) log_error(problem.str());
  } catch (const std::exception& e) {
    log_error(e.what());
  }
  return 1;
}
