// SPDX-License-Identifier: GPL-2.0-or-later
// berth-hypervisor [--config FILE] HOST STEP SECONDS ARGUMENTS: executes one
// step on one host. berth-worker starts it (worker/machine/on_host.hpp); see
// berth-worker(8).
#include <signal.h>

#include <cstdio>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "base/options.hpp"
#include "base/programs.hpp"
#include "base/text.hpp"
#include "hypervisor/host_steps.hpp"

namespace {

using namespace berth;

constexpr std::size_t kLongestMessage = 4000;  // bytes

const HostConfig& host_in(const Config& config, const std::string& name) {
  const auto found = config.hosts.find(name);
  if (found == config.hosts.end()) {
    throw Error("find", "host " + name, "it is not in berth.conf");
  }
  return found->second;
}

StepDone work(const std::string& file, const std::vector<std::string>& words,
              std::int64_t seconds, Link& link) {
  const Config config = load_config(file);
  const HostConfig& host = host_in(config, words[0]);
  const hypervisor::HostStep step = hypervisor::host_step(words[1]);
  if (!step) {
    throw Error("run", words[1], "unknown step of a host");
  }
  const json::value arguments = parse_json(words[3]);
  LinkReport report(link, words[1]);
  hypervisor::Hypervisor hypervisor(host);
  link.send({{"open", true}});
  hypervisor::HostCall call{hypervisor, arguments.as_object(),
                        Deadline::in_s(seconds), link, report};
  return step(call);
}

int run(const std::string& file, const std::vector<std::string>& words,
        std::int64_t seconds) {
  Link link = Link::inherited();
  const auto end = [&link](bool ok, bool away, const std::string& message,
                           const json::value& note) {
    link.send({{"end",
                {{"ok", ok}, {"away", away},
                 {"message", link.mask().line(message, kLongestMessage)},
                 {"note", note}}}});
    if (link.by_hand()) std::printf("%s\n", message.c_str());
    return ok ? 0 : 1;
  };
  try {
    keep_memory_private();
    const StepDone done = work(file, words, seconds, link);
    return end(true, false, done.message, done.note);
  } catch (const Interrupted&) {
    return end(false, false, "stopped", nullptr);
  } catch (const Away& e) {
    return end(false, true, e.what(), nullptr);
  } catch (const std::exception& e) {
    return end(false, false, e.what(), nullptr);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const Program program{
      "berth-hypervisor",
      "usage: berth-hypervisor [--config FILE] HOST STEP SECONDS ARGUMENTS\n"
      "       berth-hypervisor --help | --version\n",
      {"config:"}};
  const CommandLine line = command_line(program, argc, argv);
  const std::vector<std::string>& words = line.words;
  if (words.size() != 4) exit_usage(program, "berth-hypervisor takes 4 words");
  const std::int64_t seconds = whole_number(words[2]).value_or(0);
  if (seconds < 1) {
    exit_usage(program, "SECONDS must be a number");
  }
  log_as(program.name);
  speak_english();
  ::signal(SIGPIPE, SIG_IGN);
  return run(line.value("config"), words, seconds);
}
