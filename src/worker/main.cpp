// SPDX-License-Identifier: GPL-2.0-or-later
// berth-worker: runs one job or one chore, then exits. See berth-worker(8).
#include <signal.h>
#include <stdlib.h>

#include <string>
#include <vector>

#include "base/config.hpp"
#include "base/log.hpp"
#include "base/options.hpp"
#include "base/programs.hpp"
#include "worker/build/child_step.hpp"
#include "worker/guest/guest_status.hpp"
#include "worker/job/child_steps.hpp"
#include "worker/repository/paths.hpp"
#include "worker/run_job.hpp"
#include "worker/tidy/doctor.hpp"
#include "worker/tidy/tidy.hpp"

namespace {

using namespace berth;

// A database's NOTICE or error arrives as one message, which libpq holds twice
// while its buffer grows. A job also holds a dump's table of contents.
constexpr std::size_t kMostOfChore = std::size_t{256} << 20;  // bytes
constexpr std::size_t kMostOfJob = std::size_t{1} << 30;

int run(const std::string& file, const std::vector<std::string>& words) {
  const Config config = load_config(file);
  const std::string& verb = words[0];
  if (verb == "job") return worker::run_job(config, words[1]);
  if (verb == "tidy") return worker::tidy_chore(config, words[1]);
  if (verb == "doctor") return worker::doctor_chore(config, words[1]);
  if (verb == "reach") return worker::reach_chore(config, words[1]);
  if (verb == "paths") return worker::paths_chore(config, words[1]);
  return worker::child_step(config, words[1], words[2]);
}

}  // namespace

int main(int argc, char** argv) {
  const Program program{
      "berth-worker",
      "usage: berth-worker [--config FILE] job PATH/active/N.json\n"
      "       berth-worker [--config FILE] tidy CLUSTER\n"
      "       berth-worker [--config FILE] paths APPLICATION\n"
      "       berth-worker [--config FILE] doctor CLUSTER\n"
      "       berth-worker [--config FILE] reach SERVER\n"
      "       berth-worker --help | --version\n",
      {"config:"}};
  const CommandLine line = command_line(program, argc, argv);
  const std::vector<std::string>& words = line.words;
  const bool step = words.size() == 3 && words[0] == "step";
  const bool known =
      words.size() == 2 && (words[0] == "job" || words[0] == "tidy" ||
                            words[0] == "paths" || words[0] == "doctor" ||
                            words[0] == "reach");
  if (!step && !known) exit_usage(program, "no such job or chore");
  log_as(program.name);
  speak_english();
  ::signal(SIGPIPE, SIG_IGN);
  try {
    keep_memory_private();
    bound_memory(step || words[0] == "job" ? kMostOfJob : kMostOfChore);
    return run(line.value("config"), words);
  } catch (const std::exception& e) {
    log_error(e.what());
    return 1;
  }
}
