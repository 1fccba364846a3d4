// SPDX-License-Identifier: GPL-2.0-or-later
// Runs a step on a host: the worker starts berth-hypervisor for it
// (host_steps.hpp describes the steps), which holds the job's lock with the
// worker. If the host cannot be reached within half a minute, or the step
// exceeds its time, the process is killed and Away is thrown; a cancel kills it
// at once, unless the step has asked for the commit.
//
// What libvirt has begun by then continues on the host: `begun` shows that the
// step had sent its request, and the worker that resumes the job checks the
// result.
#pragma once

#include <functional>
#include <string>

#include "step/step_done.hpp"
#include "store/host_state.hpp"
#include "worker/job/child_steps.hpp"
#include "worker/job/context.hpp"
#include "worker/job/journal.hpp"

namespace berth::worker {

// Added to the step's own seconds, so that the step itself can report what it
// waited for.
inline constexpr std::int64_t kHostGrace = 5;

struct HostWork {
  const HostConfig& host;
  std::string step;        // its name in host_steps.cpp
  json::object arguments;
  std::int64_t seconds = 0;
  std::string in;          // the job's step that is open in the journal
};

// The complete message of a step that lost its host.
class HostAway : public Away {
 public:
  explicit HostAway(const std::string& text)
      : Away("work on", "a host", text), text_(text) {}
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  std::string text_;
};

// Throws Away, Interrupted, and StepFailed with the host's reason. `begun` is
// set to true if the step has sent its request, and never to false.
StepDone run_on_host(const Context& context, Journal& journal, int lock_fd,
                     const HostWork& work, bool& begun);

// The host that lists a server now, according to berth-watch; throws Error if
// there is none or more than one.
const HostConfig& host_of(const Config& config, const Layout& layout,
                          const std::string& server);
// The same for the job's server.
inline const HostConfig& host_of(const Context& context) {
  return host_of(context.config, context.layout, context.job.server);
}

// Makes berth-watch read the host again, and waits a moment until it publishes
// the expected state, so that whoever sees the job end sees that state as well.
// Best effort: a watcher that is not connected reports it later.
void await_seen(const Context& context, const HostConfig& host,
                const std::function<bool(const DomainState&)>& wanted);

}  // namespace berth::worker
