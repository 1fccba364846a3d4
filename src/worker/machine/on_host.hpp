// SPDX-License-Identifier: GPL-2.0-or-later
// A step that works on a host, from the worker's side: berth-hypervisor is
// started for it (host_steps.hpp tells what it does) and holds the job's lock
// with the worker. A host that cannot be reached within half a minute, or a
// step that takes longer than it may, ends with the process killed and Away;
// a cancel kills it at once, unless the step has asked for the commit.
//
// What libvirt has begun by then goes on over there: `told` says that the step
// had come so far, and who resumes the job looks at what became of it.
#pragma once

#include <functional>
#include <string>

#include "step/step_done.hpp"
#include "store/host_state.hpp"
#include "worker/job/child_steps.hpp"
#include "worker/job/context.hpp"
#include "worker/job/journal.hpp"

namespace berth::worker {

// Beyond the step's own seconds, so that it can say itself what it waited for.
inline constexpr std::int64_t kHostGrace = 5;

struct HostWork {
  const HostConfig& host;
  std::string step;        // as host_steps.cpp names it
  json::object arguments;
  std::int64_t seconds = 0;
  std::string in;          // the job's step that is open in the journal
};

// The words of a step that lost its host, whole.
class HostAway : public Away {
 public:
  explicit HostAway(const std::string& text)
      : Away("work on", "a host", text), text_(text) {}
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  std::string text_;
};

// Throws Away, Interrupted, and StepFailed with what the host refused. `told`
// is only ever set.
StepDone run_on_host(const Context& context, Journal& journal, int lock_fd,
                     const HostWork& work, bool& told);

// The host that lists a server now, by what berth-watch saw; Error when there
// is none, or more than one.
const HostConfig& host_of(const Config& config, const Layout& layout,
                          const std::string& server);
// Of the job's server.
inline const HostConfig& host_of(const Context& context) {
  return host_of(context.config, context.layout, context.job.server);
}

// Has berth-watch read the host again, and waits a moment until what it
// publishes is as it must be now: who sees the job end sees that, too. Best
// effort; a watcher that is away tells later.
void await_seen(const Context& context, const HostConfig& host,
                const std::function<bool(const DomainState&)>& wanted);

}  // namespace berth::worker
