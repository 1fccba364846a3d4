// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/job/act.hpp"

#include "worker/job/outcome.hpp"

namespace berth::worker {

void run_act(const Context& context, Journal& journal, bool resumed,
             const ActWork& work) {
  Act act;
  act.resumed = resumed;
  JobResult result;
  const auto fail = [&](const std::exception& e) {
    context.link.shield();
    result = {.failed_step = journal.current(), .detail = e.what()};
    if (!act.stands.empty()) result.detail += "; " + act.stands;
    journal.close_open(result.failed_step, e.what());
  };
  try {
    result = work(act);
  } catch (const Unsettled&) {
    throw;
  } catch (const Away& e) {
    if (act.commit_in_flight) throw;
    fail(e);
  } catch (const Interrupted& why) {
    context.link.shield();
    journal.close_open("", "stopped");
    result = result_of_stop(
        context.job, {why.why == Interrupted::Why::cancel
                          ? Stopped::By::cancel
                          : Stopped::By::shutdown,
                      journal.current(), "stopped"});
  } catch (const std::exception& e) {
    fail(e);
  }
  journal.finish(result);
}

}  // namespace berth::worker
