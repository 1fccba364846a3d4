// SPDX-License-Identifier: GPL-2.0-or-later
// berthctl: the administrator's hand, without Apache; run as root.
#include <cstdio>
#include <exception>

#include "base/config.hpp"
#include "base/log.hpp"
#include "ctl/command.hpp"

namespace {

using namespace berth::ctl;

// Options stand before the command or behind it; what is left are words.
Words take_options(int argc, char** argv, Context& context) {
  Words words;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word != "--config" && word != "--timeout") {
      words.push_back(word);
      continue;
    }
    if (++i == argc) throw UsageError(word + " takes a value");
    if (word == "--config") {
      context.config_file = argv[i];
      continue;
    }
    const std::string seconds = argv[i];
    if (seconds.empty() || seconds.size() > 6 ||
        seconds.find_first_not_of("0123456789") != std::string::npos ||
        std::stoll(seconds) == 0) {
      throw UsageError("--timeout takes a number of seconds");
    }
    context.timeout = std::stoll(seconds);
  }
  return words;
}

int run(int argc, char** argv) {
  Context context;
  Words words = take_options(argc, argv, context);
  if (words.empty()) throw UsageError("no command given");
  const std::string name = words.front();
  words.erase(words.begin());
  if (name == "--version") {
    return std::printf("berthctl %s\n", berth::version()) < 0;
  }
  if (name == "--help") return std::fputs(usage().c_str(), stdout) < 0;
  const Command* command = find_command(name);
  if (!command) throw UsageError("no command '" + name + "'");
  return command->run(context, words);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const UsageError& error) {
    std::fprintf(stderr, "berthctl: %s\n%s", error.what(), usage().c_str());
    return kUsage;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "berthctl: %s\n", error.what());
    return kRefused;
  }
}
