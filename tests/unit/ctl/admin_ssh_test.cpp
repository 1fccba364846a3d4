// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/admin_ssh.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cstdio>

#include "base/dir.hpp"
#include "base/fd.hpp"
#include "temporary_dir.hpp"

namespace berth::ctl {

BOOST_AUTO_TEST_SUITE(admin_ssh)

// Root on a guest could drive the terminal of the administrator who enrols it.
BOOST_AUTO_TEST_CASE(what_ssh_complains_of_cannot_drive_a_terminal) {
  const TemporaryDir folder;
  const std::string program = folder.path() + "/ssh";
  const Dir dir(folder.path());
  Fd script(::open(program.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0755));
  write_all(script.get(),
            "#!/bin/sh\nprintf 'a\\033]0;x\\007b\\r\\nlast' >&2\n"
            "echo answer\nexit 3\n",
            program);
  script.close();
  const std::string path = ::getenv("PATH");
  ::setenv("PATH", (folder.path() + ":" + path).c_str(), 1);
  std::fflush(stderr);
  const Fd before(::dup(STDERR_FILENO));
  const Fd seen(::open((folder.path() + "/seen").c_str(),
                       O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  ::dup2(seen.get(), STDERR_FILENO);
  const RunResult result = run_as_admin("root@guest", "true", "", 20);
  std::fflush(stderr);
  ::dup2(before.get(), STDERR_FILENO);
  ::setenv("PATH", path.c_str(), 1);
  BOOST_TEST(result.out == "answer\n");
  BOOST_TEST(result.status.code == 3);
  BOOST_TEST(dir.read("seen", 1000).value_or("") ==
             "a\\x1b]0;x\\x07b\nlast\n");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace berth::ctl
