// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/job/process.hpp"

#include "worker/job/reason.hpp"

namespace berth::worker {

RunResult run_program(const std::vector<std::string>& argv,
                      const Confinement& confinement, Link& link,
                      Deadline deadline, std::size_t cap,
                      const std::map<int, int>& pass) {
  ChildOptions options;
  options.pass = pass;
  options.confinement = confinement;
  ChildOutput output(argv, options);
  RunResult result;
  while (output.open() && !deadline.passed()) {
    auto fds = output.fds();
    link.wait(fds, deadline.left_ms());  // throws: ~Child stops the program
    output.read(fds, [&](bool error, std::string_view bytes) {
      append_up_to(cap, bytes, error ? result.err : result.out);
    });
  }
  result.err = link.mask()(result.err);
  std::optional<ExitStatus> status;
  if (!output.open()) status = output.child.wait(deadline.left_ms());
  result.timed_out = !status;
  result.status = status ? *status : output.child.stop(2000);
  return result;
}

std::string complaint(const RunResult& result) {
  if (result.timed_out) return "timed out";
  const std::string reason = reason_in(result.err);
  return reason.empty() ? result.status.text() : reason;
}

}  // namespace berth::worker
