// SPDX-License-Identifier: GPL-2.0-or-later
// What every step of a job gets: the job, and what the administrator's files
// say about its application. Read once, when each process starts.
#pragma once

#include <string>
#include <vector>

#include "base/config.hpp"
#include "model/job.hpp"
#include "step/deadline.hpp"
#include "step/link.hpp"
#include "step/mask.hpp"
#include "store/database_name.hpp"
#include "store/layout.hpp"
#include "store/steps.hpp"
#include "worker/job/job_file.hpp"
#include "worker/job/plan.hpp"

namespace berth::worker {

struct Context {
  // Sets the link's mask to hide the secrets of the application and of the
  // others that may be on the job's server. Throws Error when berth.conf does
  // not define the job's application or cluster. The application of a job
  // without one is empty.
  Context(const Config& config, const Job& job, Link& link);

  const Config& config;
  const ApplicationConfig& application;
  const ClusterConfig* cluster = nullptr;  // nullptr: an app without databases
  const Job& job;
  Layout layout;
  DatabaseNames names;
  Secrets secrets;
  BuildArguments arguments;  // of a build or its preview
  Link& link;

  bool wants_database() const { return arguments.database != "none"; }
  bool wants_checkout() const { return arguments.checkout; }
  // The configured deadline of the step, or the default, starting now.
  Deadline deadline(const std::string& step) const;
};

}  // namespace berth::worker
