// SPDX-License-Identifier: GPL-2.0-or-later
// berth.fcgi: answers the API, one request at a time, under mod_fcgid or behind
// mod_proxy_fcgi; as a CGI program if it is started as one, which is how the
// tests run it from environment and stdin.
#include <signal.h>
#include <sys/resource.h>

#include <exception>

#include "base/config.hpp"
#include "base/log.hpp"
#include "base/options.hpp"
#include "web/serve.hpp"

namespace {

// The largest file that this program needs to write is a drop. A larger write
// fails with EFBIG instead of a signal.
void limit_files() {
  constexpr rlim_t kLargest = 1 << 20;
  const struct rlimit limit = {kLargest, kLargest};
  ::setrlimit(RLIMIT_FSIZE, &limit);
}

}  // namespace

int main(int argc, char** argv) {
  using namespace berth;
  // A word is the name of a pool of processes (apache/berth.conf.in).
  const Program program{
      "berth.fcgi",
      "usage: berth.fcgi [POOL], started by Apache: see berth.fcgi(8)\n"
      "       berth.fcgi --help | --version\n",
      {}};
  if (command_line(program, argc, argv).words.size() > 1) {
    exit_usage(program, "berth.fcgi takes one word at most");
  }
  log_as(program.name);
  ::signal(SIGXFSZ, SIG_IGN);
  try {
    if (web::started_as_cgi()) return web::serve_once();
    limit_files();
    return web::serve();
  } catch (const std::exception& error) {
    log_error(error.what());
    return 1;
  }
}
