// SPDX-License-Identifier: GPL-2.0-or-later
// What every step of one job is given: the job, and what the admin's files say
// about its application. Read once, at the start of each process.
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
  // What the link shows from here on hides the secrets of the application and
  // of the others that the job's server can carry. Throws Error when the
  // config does not know the job's application or cluster. A job without an
  // application has an empty one.
  Context(const Config& config, const Job& job, Link& link);

  const Config& config;
  const ApplicationConfig& application;
  const ClusterConfig* cluster = nullptr;  // nullptr: an app without data
  const Job& job;
  Layout layout;
  DatabaseNames names;
  Secrets secrets;
  BuildArguments arguments;  // of a build or its preview
  Link& link;

  bool wants_database() const { return arguments.database != "none"; }
  bool wants_checkout() const { return arguments.checkout; }
  // The configured one, or ours, from now.
  Deadline deadline(const std::string& step) const;
};

}  // namespace berth::worker
