// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/run_job.hpp"

#include "base/lock.hpp"
#include "base/log.hpp"
#include "worker/build/build.hpp"
#include "worker/build/check.hpp"
#include "worker/build/preview.hpp"
#include "worker/build/undo.hpp"
#include "worker/data/adopt.hpp"
#include "worker/data/drop.hpp"
#include "worker/data/keep.hpp"
#include "worker/data/publish.hpp"
#include "worker/data/refresh.hpp"
#include "worker/data/spare.hpp"
#include "worker/job/context.hpp"
#include "worker/machine/power.hpp"
#include "worker/machine/provision.hpp"
#include "worker/machine/retire_server.hpp"
#include "worker/machine/snapshot.hpp"

namespace berth::worker {
namespace {

struct Row {
  JobKind kind;
  Work work;
};
constexpr Row kWork[] = {
    {JobKind::adopt, adopt_job},
    {JobKind::build, build_job},
    {JobKind::check, check_job},
    {JobKind::drop, drop_job},
    {JobKind::keep, keep_job},
    {JobKind::power, power_job},
    {JobKind::preview, preview_job},
    {JobKind::provision, provision_job},
    {JobKind::publish, publish_job},
    {JobKind::refresh, refresh_job},
    {JobKind::retire, retire_job},
    {JobKind::snapshot, snapshot_job},
    {JobKind::spare, spare_job},
    {JobKind::undo, undo_job}};
static_assert(is_row_per_kind(kWork));

void work_on(const Context& context, Journal& journal,
             const Attempt& attempt) {
  const Work work = work_of(context.job.kind);
  if (!work) {
    throw Error("run", job_text(context.job.id),
                "unknown job kind '" + context.job.kind_text() + "'");
  }
  work(context, journal, attempt);
}

JobResult refused(const Job& job, const std::string& why) {
  const auto steps = steps_of(job);
  return {.failed_step = steps.empty() ? "" : steps[0], .detail = why};
}

}  // namespace

Work work_of(JobKind kind) {
  return kind == JobKind::unknown
             ? nullptr
             : kWork[static_cast<std::size_t>(kind)].work;
}

int run_job(const Config& config, const std::string& path) {
  Link link = Link::inherited();
  const JobFile file(path);
  const Layout layout(config.paths);
  const Dir locks(layout.lock);
  const std::string lock_name = "job-" + std::to_string(file.id);
  auto lock = Lock::try_take(locks, lock_name);
  if (!lock) {
    throw Error("lock", lock_name, "held by " + Lock::owner(locks, lock_name));
  }
  lock->keep_in_children();
  const auto records = read_steps(file.folder, file.id);
  const StepsRead read = read_plan(records);
  if (read.result) return 0;  // finished; berthd has not noticed yet
  std::optional<Context> context;
  try {
    context.emplace(config, file.job, link);
  } catch (const Error& e) {
    // The administrator's files do not allow the job. If it has steps, it
    // remains unsettled until they are fixed.
    if (!records.empty()) {
      log_warning(job_text(file.id) + " unsettled: " +
                  link.mask()(e.what()));
      return kExitUnsettled;
    }
    Journal(file.folder, layout.log, file.id, link)
        .finish(refused(file.job, e.what()));
    return 0;
  }
  Journal journal(file.folder, layout.log, file.id, link);
  try {
    work_on(*context, journal,
            {file.path, lock->fd(), !records.empty(), read});
    return 0;
  } catch (const Unsettled& e) {
    journal.log_for("job", std::string("unsettled: ") + e.what());
    log_warning(job_text(file.id) + " unsettled: " +
                link.mask()(e.what()));
    return kExitUnsettled;
  } catch (const Away& e) {
    journal.log_for("job", std::string("unsettled: ") + e.what());
    return kExitUnsettled;
  } catch (const std::exception& e) {
    // main() logs it, outside the reach of the journal's mask.
    throw Error("run", job_text(file.id), link.mask()(e.what()));
  }
}

}  // namespace berth::worker
