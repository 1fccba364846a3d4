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

void work_on(const Context& context, Journal& journal, const JobFile& file,
             int lock_fd, const StepsRead& read, bool resumed) {
  const std::string kind = file.job.kind_text();
  if (kind == "build") {
    Build build(context, journal, file.path, lock_fd);
    return resumed ? build.settle(read) : build.run();
  }
  if (kind == "preview") return preview_job(context, journal, resumed);
  if (kind == "check") return check_job(context, journal, resumed);
  if (kind == "publish") return publish_job(context, journal, resumed);
  if (kind == "refresh") return refresh_job(context, journal, resumed);
  if (kind == "spare") return spare_job(context, journal, resumed);
  if (kind == "undo") return undo_job(context, journal, read, resumed);
  if (kind == "keep") return keep_job(context, journal, resumed);
  if (kind == "adopt") return adopt_job(context, journal, resumed);
  if (kind == "power") {
    return power_job(context, journal, lock_fd, read, resumed);
  }
  if (kind == "snapshot") {
    return snapshot_job(context, journal, lock_fd, read, resumed);
  }
  if (kind == "drop") return drop_job(context, journal, resumed);
  if (kind == "provision") return provision_job(context, journal, lock_fd);
  if (kind == "retire") return retire_job(context, journal, lock_fd);
  throw Error("do", "job " + std::to_string(file.id),
              "this version does not know the kind " + kind);
}

JobResult refused(const Job& job, const std::string& why) {
  JobResult out;
  out.outcome = "failed";
  const auto steps = steps_of(job);
  out.failed_step = steps.empty() ? "" : steps[0];
  out.detail = why;
  return out;
}

}  // namespace

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
  if (read.result) return 0;  // done; berthd did not see it yet
  std::optional<Context> context;
  try {
    context.emplace(config, file.job, link);
  } catch (const Error& e) {
    // The admin's files do not let it begin. What was begun before they said
    // so waits until they are mended.
    if (!records.empty()) {
      log_warning("job " + std::to_string(file.id) + " unsettled: " +
                  link.mask()(e.what()));
      return kExitUnsettled;
    }
    Journal(file.folder, layout.log, file.id, link)
        .finish(refused(file.job, e.what()));
    return 0;
  }
  Journal journal(file.folder, layout.log, file.id, link);
  try {
    work_on(*context, journal, file, lock->fd(), read, !records.empty());
    return 0;
  } catch (const Unsettled& e) {
    journal.log_for("job", std::string("unsettled: ") + e.what());
    log_warning("job " + std::to_string(file.id) + " unsettled: " +
                link.mask()(e.what()));
    return kExitUnsettled;
  } catch (const Away& e) {
    journal.log_for("job", std::string("unsettled: ") + e.what());
    return kExitUnsettled;
  } catch (const std::exception& e) {
    // main() logs it where the journal's mask does not reach.
    throw Error("do", "job " + std::to_string(file.id), link.mask()(e.what()));
  }
}

}  // namespace berth::worker
